AISettings,

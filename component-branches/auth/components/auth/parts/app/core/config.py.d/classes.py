AuthSettings,

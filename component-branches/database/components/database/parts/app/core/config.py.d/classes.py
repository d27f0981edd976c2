DatabaseSettings,

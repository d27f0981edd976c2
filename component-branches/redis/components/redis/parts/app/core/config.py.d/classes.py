RedisSettings,

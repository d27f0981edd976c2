from app.settings.redis import RedisSettings

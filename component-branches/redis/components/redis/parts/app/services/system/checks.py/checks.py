from app.services.redis_health import check_redis

registry.register("redis", check_redis, timeout=settings.HEALTH_TIMEOUT_SECONDS)

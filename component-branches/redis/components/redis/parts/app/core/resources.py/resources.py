from app.core.redis import redis_lifespan

opened.append(redis_lifespan())

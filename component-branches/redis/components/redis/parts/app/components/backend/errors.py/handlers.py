from app.components.backend.redis_errors import add_redis_handlers

add_redis_handlers(app)

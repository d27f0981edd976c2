from app.core.redis_server import redis_for_development

found.append(redis_for_development())

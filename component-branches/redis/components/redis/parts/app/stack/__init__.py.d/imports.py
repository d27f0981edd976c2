from app.stack.redis import redis

if self.is_production and self.REDIS_URL == "memory://":
    yield "REDIS_URL is memory://, which is for development: no process starts in production."

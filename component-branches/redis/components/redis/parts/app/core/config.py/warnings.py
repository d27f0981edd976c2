if self.is_production and self.REDIS_URL == "memory://":
    yield "REDIS_URL is memory://: each process has a Redis of its own, and forgets it."


# Redis
REDIS_URL: str = "redis://localhost:6379/0"
REDIS_POOL_SIZE: Annotated[int, Field(ge=1, le=10_000)] = 50
REDIS_TIMEOUT_SECONDS: Annotated[float, Field(gt=0, le=60)] = 2.0

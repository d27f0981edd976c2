
@field_validator("REDIS_URL")
@classmethod
def redis_url_is_complete(cls, value: str) -> str:
    """Find typing errors at the start."""
    if value != "memory://" and not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("it is neither like redis://localhost:6379/0 nor memory://")
    return value

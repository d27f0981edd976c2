"""Settings of Redis."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, field_validator

from app.settings import CoreSettings, ServerAddress


class RedisSettings(CoreSettings):
    """Where it is, and how it is used."""

    REDIS_URL: ServerAddress = "redis://localhost:6379/0"
    REDIS_POOL_SIZE: Annotated[int, Field(ge=1, le=10_000)] = 50
    REDIS_TIMEOUT_SECONDS: Annotated[float, Field(gt=0, le=60)] = 2.0

    @field_validator("REDIS_URL")
    @classmethod
    def redis_url_is_complete(cls, value: str) -> str:
        """Find typing errors at the start."""
        if value != "memory://" and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("it is neither like redis://localhost:6379/0 nor memory://")
        return value

    def warnings(self) -> Iterable[str]:
        """What is allowed, but hardly meant."""
        yield from super().warnings()
        if self.is_production and self.REDIS_URL == "memory://":
            yield "REDIS_URL is memory://, which is for development: no process starts in production."
        if self.WEB_WORKERS > 1 and self.REDIS_URL == "memory://":
            yield "WEB_WORKERS: with REDIS_URL=memory:// each of them has a Redis of its own."

"""Settings of workers."""

from typing import Annotated

from pydantic import AliasChoices, Field, field_validator

from app.settings import CoreSettings


class WorkerSettings(CoreSettings):
    """How much they do at a time, and what they keep."""

    WORKER_MAX_JOBS: Annotated[int, Field(ge=1, le=10_000)] = 50
    WORKER_STOP_SECONDS: Annotated[float, Field(ge=0, le=3600)] = 2.0
    WORKER_JOB_TIMEOUT_SECONDS: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    # Cron jobs of workers and of a scheduler mean the same by nine o'clock.
    WORKER_TIMEZONE: Annotated[
        str, Field(validation_alias=AliasChoices("WORKER_TIMEZONE", "SCHEDULER_TIMEZONE"))
    ] = "UTC"
    WORKER_HEARTBEAT_SECONDS: Annotated[float, Field(ge=0.1, le=60)] = 2.0
    WORKER_WAITING_WARNING: Annotated[int, Field(ge=1)] = 1000
    WORKER_FAILED_KEPT: Annotated[int, Field(ge=1, le=100_000)] = 1000
    WORKER_FAILED_DAYS: Annotated[int, Field(ge=1)] = 30

    @field_validator("WORKER_TIMEZONE")
    @classmethod
    def worker_time_zone_exists(cls, value: str) -> str:
        """Find typing errors at the start."""
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"there is no time zone {value!r}") from None
        return value

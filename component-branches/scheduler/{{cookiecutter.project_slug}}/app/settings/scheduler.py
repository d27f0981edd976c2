"""Settings of the scheduler."""

from typing import Annotated

from pydantic import Field, field_validator

from app.settings import CoreSettings


class SchedulerSettings(CoreSettings):
    """When jobs run, and how long they may take."""

    SCHEDULER_TIMEZONE: str = "UTC"
    SCHEDULER_HEARTBEAT_SECONDS: Annotated[float, Field(ge=0.1, le=60)] = 5.0
    SCHEDULER_MISFIRE_GRACE_SECONDS: Annotated[int, Field(ge=1)] = 3600
    SCHEDULER_STOP_SECONDS: Annotated[float, Field(ge=0, le=3600)] = 2.0

    @field_validator("SCHEDULER_TIMEZONE")
    @classmethod
    def time_zone_exists(cls, value: str) -> str:
        """Find typing errors at the start."""
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"there is no time zone {value!r}") from None
        return value

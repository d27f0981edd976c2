"""Settings of the scheduler."""

from typing import Annotated

from pydantic import Field

from app.settings import CoreSettings, TimeZone


class SchedulerSettings(CoreSettings):
    """When jobs run, and how long they may take."""

    SCHEDULER_TIMEZONE: TimeZone = "UTC"
    SCHEDULER_HEARTBEAT_SECONDS: Annotated[float, Field(ge=0.1, le=60)] = 5.0
    SCHEDULER_MISFIRE_GRACE_SECONDS: Annotated[int, Field(ge=1, le=31_536_000)] = 3600
    SCHEDULER_STOP_SECONDS: Annotated[float, Field(ge=0, le=3600)] = 2.0

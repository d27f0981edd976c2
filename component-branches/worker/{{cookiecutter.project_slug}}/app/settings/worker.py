"""Settings of workers."""

from typing import Annotated

from pydantic import AliasChoices, Field

from app.settings import CoreSettings, TimeZone


class WorkerSettings(CoreSettings):
    """How much they do at a time, and what they keep."""

    WORKER_MAX_JOBS: Annotated[int, Field(ge=1, le=10_000)] = 50
    WORKER_STOP_SECONDS: Annotated[float, Field(ge=0, le=3600)] = 2.0
    WORKER_JOB_TIMEOUT_SECONDS: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    # Cron jobs of workers and of a scheduler mean the same by nine o'clock.
    WORKER_TIMEZONE: Annotated[
        TimeZone, Field(validation_alias=AliasChoices("WORKER_TIMEZONE", "SCHEDULER_TIMEZONE"))
    ] = "UTC"
    WORKER_HEARTBEAT_SECONDS: Annotated[float, Field(ge=0.1, le=60)] = 2.0
    WORKER_WAITING_WARNING: Annotated[int, Field(ge=1)] = 1000
    WORKER_FAILED_KEPT: Annotated[int, Field(ge=1, le=100_000)] = 1000
    WORKER_FAILED_DAYS: Annotated[int, Field(ge=1, le=36_500)] = 30

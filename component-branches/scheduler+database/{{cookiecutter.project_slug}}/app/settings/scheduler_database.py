"""Settings of scheduled backups."""

from typing import Annotated

from pydantic import Field, field_validator

from app.settings import CoreSettings


class ScheduledBackupSettings(CoreSettings):
    """When a backup is made, and how long the history of jobs stays."""

    BACKUP_ENABLED: bool = True
    BACKUP_CRON: str = "15 3 * * *"
    SCHEDULER_HISTORY_DAYS: Annotated[int, Field(ge=1, le=36_500)] = 30

    @field_validator("BACKUP_CRON")
    @classmethod
    def backup_time_is_valid(cls, value: str) -> str:
        """Find typing errors at the start."""
        from apscheduler.triggers.cron import CronTrigger

        try:
            CronTrigger.from_crontab(value, timezone="UTC")
        except ValueError as error:
            raise ValueError(f"{value!r} is not like 15 3 * * * ({error})") from None
        return value

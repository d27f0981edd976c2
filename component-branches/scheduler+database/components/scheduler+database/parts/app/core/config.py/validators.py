
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

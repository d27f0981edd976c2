
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

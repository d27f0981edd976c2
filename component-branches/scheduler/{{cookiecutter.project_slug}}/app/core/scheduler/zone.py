"""One time zone for all jobs: `CronTrigger(hour=9)` means nine o'clock in SCHEDULER_TIMEZONE.

A trigger that is made by hand and names no zone takes that of the machine, which APScheduler asks
tzlocal for. So tzlocal is told another one. Nothing else of this process is in another zone for it.
"""

import os

import tzlocal


def use_zone(name: str) -> None:
    """Let triggers that name no zone be in this one."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    try:
        tzlocal.reload_localzone()
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before

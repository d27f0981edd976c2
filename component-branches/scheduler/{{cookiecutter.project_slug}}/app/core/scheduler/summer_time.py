"""Cron jobs on the day on which clocks go back: a job at 02:30 runs once, in the first of the two hours.

APScheduler would run it in both. What runs every hour, or every few minutes, still does so in both.
"""

from datetime import datetime

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import BaseCombiningTrigger
from apscheduler.triggers.cron import CronTrigger

HOUR = CronTrigger.FIELD_NAMES.index("hour")


class WallClockTrigger(CronTrigger):
    """A cron trigger whose hour was named."""

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """The next time, but not one that the clock shows for the second time."""
        found = super().get_next_fire_time(previous_fire_time, now)
        while found is not None and is_repeated(found):
            found = super().get_next_fire_time(found, found)
        return found


def is_repeated(at: datetime) -> bool:
    """Whether the clock has shown this time an hour before."""
    first, second = at.replace(fold=0).utcoffset(), at.replace(fold=1).utcoffset()
    return bool(at.fold and first and second is not None and first > second)


def by_the_clock(trigger: BaseTrigger) -> BaseTrigger:
    """The same trigger, with this rule."""
    if isinstance(trigger, BaseCombiningTrigger):
        trigger.triggers = [by_the_clock(part) for part in trigger.triggers]
    elif type(trigger) is CronTrigger and not str(trigger.fields[HOUR]).startswith("*"):
        made = WallClockTrigger.__new__(WallClockTrigger)
        made.__setstate__(trigger.__getstate__())
        return made
    return trigger

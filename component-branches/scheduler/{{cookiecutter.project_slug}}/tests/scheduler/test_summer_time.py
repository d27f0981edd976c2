"""Jobs on the days on which clocks change."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from app.core.scheduler.scheduler import JobScheduler

BERLIN = ZoneInfo("Europe/Berlin")


def work() -> None: ...


def trigger_of(trigger: BaseTrigger | str, **options: object) -> BaseTrigger:
    """What the scheduler makes of it."""
    scheduler = JobScheduler()
    return scheduler.add_job(work, trigger, id="work", **options).trigger


def runs(trigger: BaseTrigger, since: datetime, until: datetime) -> list[str]:
    """When it runs: local time and its distance to UTC."""
    found: list[str] = []
    at = trigger.get_next_fire_time(None, since)
    while at is not None and at < until:
        found.append(f"{at:%d %H:%M%z}")
        at = trigger.get_next_fire_time(at, at)
    return found


def around(year: int, month: int, day: int) -> tuple[datetime, datetime]:
    noon = datetime(year, month, day, 12, tzinfo=BERLIN)
    return noon - timedelta(days=1), noon + timedelta(days=1)


@pytest.mark.parametrize(
    "trigger",
    [
        CronTrigger(hour=2, minute=30, timezone=BERLIN),
        OrTrigger([CronTrigger(hour=2, minute=30, timezone=BERLIN)]),
    ],
)
def test_when_clocks_go_back_a_job_runs_once(trigger: BaseTrigger) -> None:
    found = runs(trigger_of(trigger), *around(2026, 10, 25))
    assert found == ["25 02:30+0200", "26 02:30+0100"]


def test_the_word_cron_means_the_same() -> None:
    trigger = trigger_of("cron", hour="2,14", minute=30, timezone=BERLIN)
    found = runs(trigger, *around(2026, 10, 25))
    assert found == ["24 14:30+0200", "25 02:30+0200", "25 14:30+0100", "26 02:30+0100"]


def test_between_the_two_hours_a_start_does_not_run_it_again() -> None:
    trigger = trigger_of(CronTrigger(hour=2, minute=30, timezone=BERLIN))
    now = datetime(2026, 10, 25, 2, 10, tzinfo=BERLIN, fold=1)
    assert trigger.get_next_fire_time(None, now) == datetime(2026, 10, 26, 2, 30, tzinfo=BERLIN)


def test_what_runs_every_hour_runs_in_both() -> None:
    start = datetime(2026, 10, 25, 0, 30, tzinfo=BERLIN)
    hourly = trigger_of(CronTrigger(minute=0, timezone=BERLIN))
    found = runs(hourly, start, start.replace(hour=3, minute=30))
    assert found == ["25 01:00+0200", "25 02:00+0200", "25 02:00+0100", "25 03:00+0100"]


def test_when_clocks_go_forward_a_job_runs_once() -> None:
    trigger = trigger_of(CronTrigger(hour=2, minute=30, timezone=BERLIN))
    since, until = around(2027, 3, 28)
    first = trigger.get_next_fire_time(None, since)
    assert first is not None
    assert first.timestamp() == datetime(2027, 3, 28, 3, 30, tzinfo=BERLIN).timestamp()
    assert len(runs(trigger, since, until)) == 2

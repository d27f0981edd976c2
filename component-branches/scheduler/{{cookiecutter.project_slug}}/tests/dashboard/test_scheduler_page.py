"""The page of the scheduler."""

import asyncio
from collections.abc import Awaitable, Callable

from app.services.scheduler import Outcome, scheduler_memory
from app.services.system import CheckResult
from tests.dashboard.support import Screen, make_frame
from tests.scheduler.support import make_run

Show = Callable[..., Awaitable[Screen]]


async def test_the_page_shows_the_recent_runs(show: Show) -> None:
    failed = make_run("report", Outcome.FAILED, error="ValueError: no")
    for run in (make_run("clean"), failed):
        await asyncio.to_thread(scheduler_memory().add_run, run)
    frame = make_frame(("scheduler", CheckResult.healthy("Runs", jobs=2)))
    screen = await show(frame, route="/components/scheduler")
    for text in ("Recent runs", "clean", "report", "ValueError: no"):
        assert screen.shows(text), text


async def test_the_page_says_when_nothing_has_run(show: Show) -> None:
    frame = make_frame(("scheduler", CheckResult.unhealthy("No scheduler has run yet")))
    screen = await show(frame, route="/components/scheduler")
    assert screen.shows("No job has run yet.")

"""The page of the scheduler."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.components.frontend.views import scheduler as page
from app.services.scheduler import Action, Outcome, scheduler_memory
from app.services.system import CheckResult
from tests.dashboard.support import Screen, make_frame
from tests.scheduler.support import NOW, make_beat, make_run, make_wish

Show = Callable[..., Awaitable[Screen]]


async def test_the_page_shows_the_recent_runs(show: Show) -> None:
    failed = make_run("report", Outcome.FAILED, error="ValueError: no")
    for run in (make_run("clean"), failed):
        await asyncio.to_thread(scheduler_memory().add_run, run)
    frame = make_frame(("scheduler", CheckResult.healthy("Runs", jobs=2)))
    screen = await show(frame, route="/components/scheduler")
    for text in ("Recent runs", "clean", "report", "ValueError: no"):
        assert screen.shows(text), text


async def test_a_job_is_asked_for_with_two_clicks(show: Show) -> None:
    memory = scheduler_memory()
    await asyncio.to_thread(memory.beat, make_beat("clean", "report"))
    frame = make_frame(("scheduler", CheckResult.healthy("Runs", jobs=2)))
    screen = await show(frame, route="/components/scheduler")
    await screen.press("Run clean now")
    assert await asyncio.to_thread(memory.take_asked) == []
    await screen.press("Run clean now?")
    assert await asyncio.to_thread(memory.take_asked) == [make_wish("clean")]
    assert screen.shows("clean begins within")


async def test_a_job_is_paused_and_resumed(show: Show, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    memory = scheduler_memory()
    beat = make_beat("clean", "report")
    beat.jobs[0].next_run = None
    await asyncio.to_thread(memory.beat, beat)
    frame = make_frame(("scheduler", CheckResult.healthy("Runs", jobs=2)))
    screen = await show(frame, route="/components/scheduler")
    await screen.press("Resume clean")
    assert screen.shows("clean is resumed within")
    await screen.press("Pause report")
    wishes = [make_wish("clean", Action.RESUME), make_wish("report", Action.PAUSE)]
    assert await asyncio.to_thread(memory.take_asked) == wishes
    noted = [vars(line)["values"] for line in caplog.records if line.msg == "dashboard_action"]
    assert [(values["action"], values["job"]) for values in noted] == [
        ("resume_job", "clean"),
        ("pause_job", "report"),
    ]


async def test_without_a_scheduler_there_is_nothing_to_ask(show: Show) -> None:
    await asyncio.to_thread(scheduler_memory().beat, make_beat("clean", at=NOW))
    frame = make_frame(("scheduler", CheckResult.unhealthy("No scheduler is running")))
    screen = await show(frame, route="/components/scheduler")
    assert screen.shows("No scheduler is running")
    assert not screen.shows("clean")


async def test_the_runs_come_back_when_they_can_be_read_again(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page.SchedulerView, "seconds", 0.0)
    memory = scheduler_memory()
    await asyncio.to_thread(memory.add_run, make_run("clean"))
    frame = make_frame(("scheduler", CheckResult.healthy("Runs", jobs=1)))
    screen = await show(frame, route="/components/scheduler")

    def fail_to_read() -> None:
        raise OSError("The disk is away")

    monkeypatch.setattr(page, "scheduler_memory", fail_to_read)
    await screen.dashboard.show(frame)
    assert screen.shows("The history cannot be read (OSError).")
    monkeypatch.setattr(page, "scheduler_memory", lambda: memory)
    await screen.dashboard.show(frame)
    assert screen.shows("clean")
    assert not screen.shows("The history cannot be read")


async def test_the_page_says_when_nothing_has_run(show: Show) -> None:
    frame = make_frame(("scheduler", CheckResult.unhealthy("No scheduler has run yet")))
    screen = await show(frame, route="/components/scheduler")
    assert screen.shows("No job has run yet.")

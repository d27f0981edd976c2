"""The process: runs jobs, remembers runs, and never runs twice."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from app.components.scheduler import process
from app.components.scheduler import scheduler as module
from app.components.scheduler.scheduler import JobScheduler, build_scheduler
from app.core.config import Settings
from app.services.scheduler import Outcome, scheduler_memory
from tests.scheduler.support import running_scheduler, wait_for_beat, wait_for_runs

Register = Callable[[AsyncIOScheduler], None]

calls: list[str] = []


def work() -> None:
    calls.append("work")


async def work_async() -> None:
    calls.append("async")


def fail() -> None:
    raise ValueError("password=hunter2 is wrong")


async def sleep_long() -> None:
    await asyncio.sleep(0.3)


@pytest.fixture(autouse=True)
def no_calls() -> None:
    calls.clear()


def use_jobs(monkeypatch: pytest.MonkeyPatch, *functions: Register) -> None:
    """Let these functions register jobs instead of the project's."""
    monkeypatch.setattr(process, "registering_functions", lambda: list(functions))


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=0.05)


async def test_jobs_run_and_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    def register(scheduler: AsyncIOScheduler) -> None:
        scheduler.add_job(work, "date", run_date=soon(), id="work")
        scheduler.add_job(work_async, "date", run_date=soon(), id="async")
        scheduler.add_job(fail, "date", run_date=soon(), id="fail")

    use_jobs(monkeypatch, register)
    async with running_scheduler():
        runs = {run.job: run for run in await wait_for_runs(3)}
    assert sorted(calls) == ["async", "work"]
    assert runs["work"].outcome is runs["async"].outcome is Outcome.OK
    assert runs["fail"].outcome is Outcome.FAILED
    assert runs["fail"].error.startswith("ValueError: password=***")
    assert "hunter2" not in runs["fail"].error


async def test_a_second_process_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "WAIT_SECONDS", 0.05)
    scheduled: list[JobScheduler] = []

    def build() -> JobScheduler:
        scheduled.append(build_scheduler())
        return scheduled[-1]

    monkeypatch.setattr(process, "build_scheduler", build)
    use_jobs(monkeypatch)
    async with running_scheduler() as first_stop:
        await wait_for_beat()
        async with running_scheduler():
            await asyncio.sleep(0.3)
            assert len(scheduled) == 1
            first_stop.set()
            for _ in range(100):
                if len(scheduled) == 2:
                    break
                await asyncio.sleep(0.05)
            assert len(scheduled) == 2


async def test_it_leaves_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    def register(scheduler: AsyncIOScheduler) -> None:
        scheduler.add_job(work, "cron", hour=3, id="nightly")

    use_jobs(monkeypatch, register)
    async with running_scheduler():
        beat = await wait_for_beat()
    [job] = beat.jobs
    assert (job.id, job.trigger) == ("nightly", "cron[hour='3']")
    assert job.next_run is not None
    assert job.next_run.hour == 3


async def test_a_running_job_may_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def register(scheduler: AsyncIOScheduler) -> None:
        scheduler.add_job(sleep_long, "date", run_date=soon(), id="long")

    use_jobs(monkeypatch, register)
    async with running_scheduler():
        await wait_for_beat()
        await asyncio.sleep(0.15)
    [run] = await wait_for_runs(1)
    assert run.outcome is Outcome.OK
    assert run.duration_ms >= 250


async def test_a_job_that_is_far_too_late_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    def register(scheduler: AsyncIOScheduler) -> None:
        long_ago = datetime.now(UTC) - timedelta(hours=2)
        scheduler.add_job(work, "date", run_date=long_ago, id="late")

    use_jobs(monkeypatch, register)
    async with running_scheduler():
        [run] = await wait_for_runs(1)
    assert run.outcome is Outcome.MISSED
    assert calls == []


def test_a_job_without_an_id_gets_its_functions_name() -> None:
    scheduler = JobScheduler()
    scheduler.register([lambda s: s.add_job(work, "interval", minutes=5)])
    assert scheduler.registered == {"work"}


def test_two_jobs_with_one_id_are_refused() -> None:
    def register(scheduler: AsyncIOScheduler) -> None:
        scheduler.add_job(work, "interval", minutes=5)
        scheduler.add_job(work, "interval", minutes=6)

    with pytest.raises(ValueError, match="'work'"):
        JobScheduler().register([register])


def test_the_projects_jobs_can_be_registered_and_kept() -> None:
    scheduler = build_scheduler(persistent=False)
    scheduler.register(module.registering_functions())
    assert "report_health" in scheduler.registered
    for job in scheduler.get_jobs():
        # A store keeps a reference to the function, so it must be at module level.
        assert job.func_ref


def test_a_time_zone_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEDULER_TIMEZONE", "Europe/Atlantis")
    with pytest.raises(ValueError, match="Atlantis"):
        Settings(_env_file=None)


def test_a_job_can_be_called_like_any_function() -> None:
    from app.components.scheduler.jobs.report_health import report_health

    asyncio.run(report_health())
    assert scheduler_memory().runs() == []

"""The process: runs jobs, remembers runs, and never runs twice."""

import asyncio
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from importlib import import_module
from typing import Self
from zoneinfo import ZoneInfo

import pytest
from apscheduler.job import Job
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.combining import AndTrigger, OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from app.components import jobs
from app.components.scheduler import register_jobs
from app.core.config import Settings, settings
from app.core.errors import UnavailableError
from app.core.scheduler import process
from app.core.scheduler import scheduler as module
from app.core.scheduler.current import current_scheduler
from app.core.scheduler.firing import Firing, current_firing
from app.core.scheduler.scheduler import JobScheduler, build_scheduler
from app.core.scheduler.zone import use_zone
from app.services.scheduler import Action, Heartbeat, JobInfo, Outcome, scheduler_memory
from app.services.scheduler.files import FileMemory
from tests.scheduler.support import (
    PATIENCE,
    make_wish,
    running_scheduler,
    wait_for_beat,
    wait_for_runs,
)

Register = Callable[[AsyncIOScheduler], None]

calls: list[str] = []
firings: list[Firing | None] = []
stops: list[asyncio.Event] = []


def work() -> None:
    calls.append("work")


async def work_async() -> None:
    calls.append("async")


def fail() -> None:
    raise ValueError("password=hunter2 is wrong")


async def go_on_after_the_stop() -> None:
    calls.append("begun")
    await stops[0].wait()
    await asyncio.sleep(0.3)


async def look() -> None:
    firings.append(current_firing.get())


def plan() -> None:
    current_scheduler().add_job(work, "date", run_date=soon(), id="planned")


async def plan_async() -> None:
    current_scheduler().add_job(work_async, "date", run_date=soon(), id="planned too")


@pytest.fixture(autouse=True)
def no_calls() -> None:
    for seen in (calls, firings, stops):
        seen.clear()


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


async def test_a_job_knows_which_run_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    planned = soon()
    use_jobs(monkeypatch, lambda s: s.add_job(look, "date", run_date=planned, id="look"))
    async with running_scheduler():
        await wait_for_runs(1)
    await look()
    assert firings == [Firing("look", planned), None]


async def test_components_see_what_becomes_of_jobs(
    monkeypatch: pytest.MonkeyPatch, seen_jobs: list[tuple[str, str, str]]
) -> None:
    def register(scheduler: AsyncIOScheduler) -> None:
        for function in (work, work_async, fail):
            scheduler.add_job(function, "date", run_date=soon())

    use_jobs(monkeypatch, register)
    async with running_scheduler():
        await wait_for_runs(3)
    assert sorted(seen_jobs) == [
        ("scheduler", "fail", "failed"),
        ("scheduler", "work", "done"),
        ("scheduler", "work_async", "done"),
    ]


def yearly(scheduler: AsyncIOScheduler) -> None:
    for function in (work, work_async, fail):
        scheduler.add_job(function, "cron", month=1, day=1, hour=3)


async def test_jobs_run_when_somebody_asks_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    use_jobs(monkeypatch, yearly)
    for job in ("work", "fail", "nobody"):
        await asyncio.to_thread(scheduler_memory().ask_for, make_wish(job))
    async with running_scheduler():
        runs = {run.job: run for run in await wait_for_runs(2)}
    assert calls == ["work"]
    assert all(run.is_manual for run in runs.values())
    assert {job: run.outcome for job, run in runs.items()} == {
        "work": Outcome.OK,
        "fail": Outcome.FAILED,
    }


async def test_a_paused_job_does_not_run_until_it_is_resumed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planned = datetime.now(UTC) - timedelta(seconds=1)

    def register(scheduler: AsyncIOScheduler) -> None:
        scheduler.add_job(work, "date", run_date=planned, id="once")
        scheduler.add_job(look, "cron", month=1, id="yearly")

    use_jobs(monkeypatch, register)
    memory = scheduler_memory()
    for job in ("once", "yearly"):
        await asyncio.to_thread(memory.ask_for, make_wish(job, Action.PAUSE))
    started: list[datetime] = []
    for _ in range(2):
        async with running_scheduler():
            beat = await wait_for_beat(lambda beat: beat.started_at not in started)
        started.append(beat.started_at)
        assert [job.id for job in beat.jobs if job.is_paused] == ["once", "yearly"]
    assert calls == []
    for job in ("once", "yearly", "nobody"):
        await asyncio.to_thread(memory.ask_for, make_wish(job, Action.RESUME))
    async with running_scheduler():
        # What was planned for once while it was paused is made up for.
        await wait_for_runs(1, "once")
        beat = await wait_for_beat(lambda beat: not any(job.is_paused for job in beat.jobs))
    assert (calls, [job.id for job in beat.jobs]) == (["work"], ["yearly"])
    assert await asyncio.to_thread(memory.paused) == set()


def test_a_heartbeat_leaves_out_none_that_waits_for_somebody() -> None:
    planned = [JobInfo(id=f"{n}", trigger="", function="", next_run=soon()) for n in range(200)]
    paused = JobInfo(id="paused", trigger="", function="")
    assert process.shown([*planned, paused]) == [*planned[:99], paused]


async def test_a_run_that_was_asked_for_may_end(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        await go_on.wait()
        calls.append("ended")

    use_jobs(monkeypatch, lambda s: s.add_job(wait, "cron", month=1, id="wait"))
    # Not in a database: what waits is a function in this test.
    monkeypatch.setattr(process, "build_scheduler", lambda: build_scheduler(persistent=False))
    await asyncio.to_thread(scheduler_memory().ask_for, make_wish("wait"))
    async with running_scheduler() as stop:
        await begun.wait()
        stop.set()
        go_on.set()
    assert calls == ["ended"]


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
            await until(lambda: len(scheduled) == 2)


class FailingStore(MemoryJobStore):
    """Cannot write at first, as when its database is locked."""

    failures = 2

    def update_job(self, job: Job) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("locked")
        super().update_job(job)


async def test_jobs_go_on_after_their_store_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def register(scheduler: AsyncIOScheduler) -> None:
        scheduler.add_jobstore(store, "failing")
        scheduler.jobstore_retry_interval = 0.05
        scheduler.add_job(work, "interval", seconds=0.1, id="work", jobstore="failing")

    store = FailingStore()
    use_jobs(monkeypatch, register)
    async with running_scheduler():
        await wait_for_runs(5, "work")
    assert store.failures == 0


class FailingMemory(FileMemory):
    """Its lock can get lost, as that of a server does, and taking it can fail."""

    def __init__(self) -> None:
        super().__init__()
        self.is_lost = False
        self.failures = 0
        self.loop = asyncio.get_running_loop()
        self.has_failed = asyncio.Event()

    @contextmanager
    def hold(self) -> Generator[Callable[[], bool]]:
        if self.failures:
            self.failures -= 1
            self.loop.call_soon_threadsafe(self.has_failed.set)
            raise ConnectionError("the server restarts")
        with super().hold() as is_ours:
            yield lambda: is_ours() and not self.is_lost


async def test_it_stops_when_it_loses_its_turn_and_goes_on_when_it_has_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    memory = FailingMemory()
    often = settings.model_copy(update={"SCHEDULER_HEARTBEAT_SECONDS": 0.02})
    monkeypatch.setattr(process, "settings", often)
    monkeypatch.setattr(process, "WAIT_SECONDS", 0.02)
    monkeypatch.setattr(process, "scheduler_memory", lambda: memory)
    use_jobs(monkeypatch)
    async with running_scheduler():
        first = await wait_until(memory, lambda beat: True)
        memory.failures = 2
        memory.is_lost = True
        await asyncio.wait_for(memory.has_failed.wait(), PATIENCE)
        memory.is_lost = False
        await wait_until(memory, lambda beat: beat.started_at > first.started_at)


async def wait_until(memory: FileMemory, fits: Callable[[Heartbeat], bool]) -> Heartbeat:
    async with asyncio.timeout(PATIENCE):
        while True:
            beat = await asyncio.to_thread(memory.last_beat)
            if beat is not None and fits(beat):
                return beat
            await asyncio.sleep(0.02)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 (nobody tells when it is)
            await asyncio.sleep(0.02)


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
        scheduler.add_job(go_on_after_the_stop, "date", run_date=soon(), id="long")

    use_jobs(monkeypatch, register)
    async with running_scheduler() as stop:
        stops.append(stop)
        await until(lambda: calls == ["begun"])
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


async def test_a_clock_that_is_set_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after the sleep of a machine, during which no time passes for what waits."""

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(hours=10)

    def register(scheduler: AsyncIOScheduler) -> None:
        tomorrow = datetime.now(UTC) + timedelta(hours=9.5)
        scheduler.add_job(work, "date", run_date=tomorrow, id="tomorrow")

    use_jobs(monkeypatch, register)
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.1)
    async with running_scheduler():
        await wait_for_beat()
        monkeypatch.setattr("apscheduler.schedulers.base.datetime", Later)
        await until(lambda: calls == ["work"])


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
    from app.components.jobs.report_health import report_health

    asyncio.run(report_health())
    assert scheduler_memory().runs() == []


async def test_a_job_can_plan_another(monkeypatch: pytest.MonkeyPatch) -> None:
    def register(scheduler: AsyncIOScheduler) -> None:
        scheduler.add_job(plan, "date", run_date=soon(), id="plan")
        scheduler.add_job(plan_async, "date", run_date=soon(), id="plan too")

    use_jobs(monkeypatch, register)
    async with running_scheduler():
        await wait_for_runs(4)
    assert sorted(calls) == ["async", "work"]
    with pytest.raises(UnavailableError):
        current_scheduler()


@pytest.mark.parametrize("machine", ["UTC", "Asia/Tokyo", "Europe/Berlin"])
def test_triggers_without_a_zone_are_in_the_schedulers(
    machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", machine)
    use_zone("Europe/Berlin")
    try:
        triggers = [
            CronTrigger(hour=9),
            OrTrigger([CronTrigger(hour=9)]),
            AndTrigger([CronTrigger(hour=9), CronTrigger(minute=0)]),
            IntervalTrigger(days=1, start_date="2026-07-01 09:00:00"),
            DateTrigger("2026-07-01 09:00:00"),
        ]
        elsewhere = CronTrigger(hour=9, timezone=machine)
    finally:
        use_zone(settings.SCHEDULER_TIMEZONE)
    midnight = datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    for trigger in triggers:
        found = trigger.get_next_fire_time(None, midnight)
        assert found == midnight.replace(hour=9), trigger
    assert str(elsewhere.timezone) == machine
    assert os.environ["TZ"] == machine


def test_names_of_release_0_3_still_lead_to_the_same_things() -> None:
    assert import_module("app.components.scheduler.firing").current_firing is current_firing
    job = import_module("app.components.scheduler.jobs.report_health").report_health
    asyncio.run(job())


def test_your_jobs_and_those_of_the_template_are_registered() -> None:
    functions = module.registering_functions()
    assert register_jobs in functions
    assert jobs.register_jobs in functions

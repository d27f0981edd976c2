"""Jobs and history in the database, and the nightly backup."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import time_machine
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import event, inspect
from sqlmodel import select

from app.components.jobs.backup import backup_database
from app.core.config import Settings
from app.core.db import current_database, db_session
from app.core.errors import AppError
from app.core.scheduler import process
from app.core.scheduler import scheduler as scheduler_module
from app.core.scheduler.manual import run_now
from app.core.scheduler.scheduler import JobScheduler, registering_functions
from app.services.backup import backups, list_backups
from app.services.scheduler import Action, JobInfo, Outcome, Wish, scheduler_memory
from app.services.scheduler.database import DatabaseMemory, forget_old_runs
from app.services.scheduler.health import check_scheduler
from app.services.scheduler.job_store import database_job_store
from app.services.system.models import State
from tests.scheduler.support import make_run, running_scheduler, wait_for_beat, wait_for_runs

calls: list[str] = []


def work() -> None:
    calls.append("work")


async def run_once(monkeypatch: pytest.MonkeyPatch, *functions: object) -> dict[str, JobInfo]:
    """Start the scheduler with these jobs, stop it, and say what it had."""
    monkeypatch.setattr(process, "registering_functions", lambda: list(functions))
    before = await asyncio.to_thread(scheduler_memory().last_beat)
    async with running_scheduler():
        beat = await wait_for_beat()
        while beat == before:
            await asyncio.sleep(0.02)
            beat = await wait_for_beat()
    return {job.id: job for job in beat.jobs}


def hourly(scheduler: AsyncIOScheduler) -> None:
    scheduler.add_job(work, "interval", hours=1, id="hourly")


def daily(scheduler: AsyncIOScheduler) -> None:
    scheduler.add_job(work, "interval", hours=24, id="hourly")


async def test_an_interval_goes_on_after_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    first = await run_once(monkeypatch, hourly)
    second = await run_once(monkeypatch, hourly)
    assert second["hourly"].next_run == first["hourly"].next_run
    third = await run_once(monkeypatch, daily)
    assert third["hourly"].next_run != first["hourly"].next_run


async def test_a_paused_job_stays_so_when_its_trigger_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wish = Wish(action=Action.PAUSE, job="hourly")
    await asyncio.to_thread(scheduler_memory().ask_for, wish)
    assert (await run_once(monkeypatch, hourly))["hourly"].is_paused
    assert (await run_once(monkeypatch, daily))["hourly"].is_paused


def test_days_of_history_are_no_more_than_a_calendar_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever means for ever hears of it at the start, and not when what is older is to go."""
    monkeypatch.setenv("SCHEDULER_HISTORY_DAYS", "999999")
    with pytest.raises(ValueError, match="SCHEDULER_HISTORY_DAYS"):
        Settings(_env_file=None)


def test_migrations_make_the_table_of_jobs() -> None:
    # `db copy-from` fills the tables that migrations have made, also before the first start.
    made = DatabaseMemory().job_store().jobs_t
    found = inspect(current_database().engine)
    assert [c["name"] for c in found.get_columns(made.name)] == list(made.columns.keys())
    assert [i["name"] for i in found.get_indexes(made.name)] == [i.name for i in made.indexes]


def test_a_store_after_an_outage_leaves_no_statements_behind() -> None:
    # SQLAlchemy compiles once for each table, and keeps that; a scheduler runs for months.
    assert database_job_store().jobs_t is database_job_store().jobs_t


async def test_a_cron_job_that_an_earlier_release_has_stored_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nightly(scheduler: AsyncIOScheduler) -> None:
        scheduler.add_job(work, CronTrigger(hour=2), id="nightly")

    with monkeypatch.context() as earlier:
        earlier.setattr(scheduler_module, "by_the_clock", lambda trigger: trigger)
        with time_machine.travel(datetime.now(UTC) - timedelta(days=2), tick=True):
            await run_once(monkeypatch, nightly)
    # What was due meanwhile is looked after.
    async with running_scheduler():
        await wait_for_runs(1, "nightly")


async def test_what_registers_jobs_may_ask_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def as_the_database_says(scheduler: AsyncIOScheduler) -> None:
        with db_session() as session:
            [hours] = session.exec(select(3))
        scheduler.add_job(work, "interval", hours=hours, id="asked")

    assert list(await run_once(monkeypatch, as_the_database_says)) == ["asked"]


async def test_a_job_that_is_no_longer_asked_for_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    def planned(scheduler: AsyncIOScheduler) -> None:
        later = datetime.now(UTC) + timedelta(hours=3)
        AsyncIOScheduler.add_job(scheduler, work, "date", run_date=later, id="planned")

    assert set(await run_once(monkeypatch, hourly, planned)) == {"hourly", "planned"}
    # What a job has planned stays; what the code asked for and no longer does goes.
    assert set(await run_once(monkeypatch)) == {"planned"}


async def test_a_planned_job_can_be_run_now(monkeypatch: pytest.MonkeyPatch) -> None:
    def planned(scheduler: AsyncIOScheduler) -> None:
        later = datetime.now(UTC) + timedelta(hours=3)
        AsyncIOScheduler.add_job(scheduler, work, "date", run_date=later, id="planned")

    await run_once(monkeypatch, planned)
    calls.clear()
    run = await run_now("planned")
    assert (run.outcome, calls) == (Outcome.OK, ["work"])
    # Its time still comes.
    assert set(await run_once(monkeypatch)) == {"planned"}


async def test_what_release_0_3_has_stored_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    former = "app.components.scheduler.jobs.report_health:report_health"

    def planned(scheduler: AsyncIOScheduler) -> None:
        later = datetime.now(UTC) + timedelta(hours=3)
        AsyncIOScheduler.add_job(scheduler, former, "date", run_date=later, id="planned")

    await run_once(monkeypatch, planned)
    assert (await run_once(monkeypatch))["planned"].function == former
    assert (await run_now("planned")).outcome is Outcome.OK


async def test_a_job_whose_function_cannot_be_imported_is_kept_and_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reminders = ModuleType("app.services.deployed_badly")
    vars(reminders)["remind"] = work
    later = datetime.now(UTC) + timedelta(hours=3)

    def planned(scheduler: AsyncIOScheduler) -> None:
        function = "app.services.deployed_badly:remind"
        AsyncIOScheduler.add_job(scheduler, function, "date", run_date=later, id="remind-ada")

    monkeypatch.setitem(sys.modules, reminders.__name__, reminders)
    await run_once(monkeypatch, planned)

    # A bad deployment.
    monkeypatch.delitem(sys.modules, reminders.__name__)
    calls.clear()
    # Time stands still: the heartbeat does not grow old before health looks at it.
    with time_machine.travel(later + timedelta(minutes=5), tick=False):
        kept = (await run_once(monkeypatch, hourly))["remind-ada"]
        health = await check_scheduler()
        with pytest.raises(AppError, match="remind-ada cannot be run"):
            await run_now("remind-ada")
    assert kept.next_run is None
    assert kept.function == "app.services.deployed_badly:remind"
    assert "No module named 'app.services.deployed_badly'" in kept.problem
    assert health.state is State.DEGRADED
    assert "remind-ada" in health.message
    assert calls == []

    # It is rolled back.
    monkeypatch.setitem(sys.modules, reminders.__name__, reminders)
    with time_machine.travel(later + timedelta(minutes=10), tick=True):
        async with running_scheduler():
            [run] = await wait_for_runs(1, "remind-ada")
    assert (run.outcome, calls) == (Outcome.OK, ["work"])


async def test_a_job_that_went_together_with_its_function_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    former = ModuleType("app.services.former")
    vars(former)["clean"] = work

    def register(scheduler: AsyncIOScheduler) -> None:
        scheduler.add_job("app.services.former:clean", "cron", hour=3, id="clean")

    monkeypatch.setitem(sys.modules, former.__name__, former)
    assert set(await run_once(monkeypatch, register)) == {"clean"}
    monkeypatch.delitem(sys.modules, former.__name__)
    assert set(await run_once(monkeypatch, hourly)) == {"hourly"}


async def test_a_run_that_was_due_meanwhile_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    calls.clear()
    long_ago = datetime.now(UTC) - timedelta(minutes=90)
    with time_machine.travel(long_ago, tick=True):
        await run_once(monkeypatch, hourly)
    async with running_scheduler():
        [run] = await wait_for_runs(1, "hourly")
    assert run.outcome is Outcome.OK
    assert calls == ["work"]


@pytest.mark.parametrize(
    ("statement", "trigger"),
    [
        ("DELETE FROM apscheduler_jobs", DateTrigger()),
        ("UPDATE apscheduler_jobs", IntervalTrigger(hours=1)),
    ],
    ids=["once", "every hour"],
)
async def test_a_run_begins_once_though_the_database_is_away_for_a_moment(
    statement: str, trigger: BaseTrigger, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls.clear()
    outages = [OSError("the server restarts"), OSError("the server restarts")]

    @event.listens_for(current_database().engine, "before_cursor_execute")
    def fail(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        if outages and text.startswith(statement):
            raise outages.pop()

    schedulers: list[JobScheduler] = []

    def register(scheduler: JobScheduler) -> None:
        schedulers.append(scheduler)
        scheduler.jobstore_retry_interval = 0.05
        scheduler.add_job(work, trigger, id="work", next_run_time=datetime.now(UTC))

    def is_due() -> bool:
        job = schedulers[0].get_job("work") if schedulers else None
        return job is not None and job.next_run_time <= datetime.now(UTC)

    monkeypatch.setattr(process, "registering_functions", lambda: [register])
    async with running_scheduler():
        await wait_for_runs(1, "work")
        for _ in range(400):
            if not outages and not await asyncio.to_thread(is_due):
                break
            await asyncio.sleep(0.05)
    assert (calls, outages) == (["work"], [])


def test_the_memory_is_the_database() -> None:
    assert isinstance(scheduler_memory(), DatabaseMemory)
    scheduler_memory().remember_registered({"b", "a"})
    assert scheduler_memory().registered() == {"a", "b"}


@pytest.mark.usefixtures("empty_database")
def test_before_the_first_migration_nothing_has_happened() -> None:
    memory = scheduler_memory()
    assert (memory.last_beat(), memory.registered()) == (None, set())
    assert (memory.runs(), memory.last_runs()) == ([], {})


def test_old_history_goes() -> None:
    now = datetime.now(UTC)
    scheduler_memory().add_run(make_run("old", finished_at=now - timedelta(days=31)))
    scheduler_memory().add_run(make_run("new", finished_at=now - timedelta(days=29)))
    assert forget_old_runs() == 1
    assert [run.job for run in scheduler_memory().runs()] == ["new"]


def test_the_backup_job_keeps_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "backup_folder", lambda: tmp_path / "backups")
    assert inspect(current_database().engine).has_table("scheduler_run")
    for _ in range(9):
        backup_database()
    assert len(list_backups()) == 7


async def test_the_backup_job_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = await run_once(monkeypatch, *registering_functions())
    next_run = jobs["backup_database"].next_run
    assert next_run is not None
    assert (next_run.hour, next_run.minute) == (3, 15)


def test_a_bad_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKUP_CRON", "every night")
    with pytest.raises(ValueError, match="BACKUP_CRON"):
        Settings(_env_file=None)

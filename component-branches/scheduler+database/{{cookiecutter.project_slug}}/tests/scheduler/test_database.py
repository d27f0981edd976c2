"""Jobs and history in the database, and the nightly backup."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import inspect

from app.core.scheduler import process
from app.components.jobs.backup import backup_database
from app.core.scheduler.manual import run_now
from app.core.scheduler.scheduler import registering_functions
from app.core.config import Settings
from app.core.db import current_database
from app.services.backup import backups, list_backups
from app.services.scheduler import JobInfo, Outcome, scheduler_memory
from app.services.scheduler.database import DatabaseMemory, forget_old_runs
from tests.scheduler.support import make_run, running_scheduler, wait_for_beat, wait_for_runs

calls: list[str] = []


def work() -> None:
    calls.append("work")


async def run_once(monkeypatch: pytest.MonkeyPatch, *functions: object) -> dict[str, JobInfo]:
    """Start the scheduler with these jobs, stop it, and say what it had."""
    monkeypatch.setattr(process, "registering_functions", lambda: list(functions))
    before = scheduler_memory().last_beat()
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


async def test_a_run_that_was_due_meanwhile_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    calls.clear()
    long_ago = datetime.now(UTC) - timedelta(minutes=90)
    with time_machine.travel(long_ago, tick=True):
        await run_once(monkeypatch, hourly)
    async with running_scheduler():
        [run] = await wait_for_runs(1, "hourly")
    assert run.outcome is Outcome.OK
    assert calls == ["work"]


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

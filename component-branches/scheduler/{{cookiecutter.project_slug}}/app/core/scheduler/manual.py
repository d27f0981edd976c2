"""Jobs without the scheduler's process: list them, or run one now."""

import asyncio
import inspect
from datetime import UTC, datetime

from apscheduler.job import Job

from app.core.config import settings
from app.core.errors import AppError, NotFoundError
from app.core.resources import open_shared_resources
from app.core.scheduler.history import error_text
from app.core.scheduler.scheduler import build_scheduler, registering_functions
from app.services.scheduler import Action, JobInfo, Outcome, Run, Wish, scheduler_memory


def list_jobs() -> tuple[list[JobInfo], bool]:
    """The jobs, and whether a scheduler is running; if not, they are those of the code."""
    beat = scheduler_memory().last_beat()
    now = datetime.now(UTC)
    if beat is not None and beat.is_fresh(now, settings.SCHEDULER_HEARTBEAT_SECONDS):
        return beat.jobs, True
    scheduler = build_scheduler(persistent=False)
    scheduler.register(registering_functions())
    found = [
        JobInfo(
            id=job.id,
            trigger=str(job.trigger),
            function=str(job.func_ref),
            next_run=job.trigger.get_next_fire_time(None, now),
        )
        for job in scheduler.get_jobs()
    ]
    return sorted(found, key=lambda job: (job.next_run is None, job.next_run, job.id)), False


async def find_job(name: str) -> Job:
    """A job of the code, or one that was planned while the scheduler ran.

    Raises:
        NotFoundError: There is no such job.
    """
    scheduler = build_scheduler(persistent=False)
    await asyncio.to_thread(scheduler.register, registering_functions())
    jobs = {job.id: job for job in scheduler.get_jobs()}
    found = jobs.get(name) or find_planned_job(name)
    if found is None:
        raise NotFoundError(f"There is no job {name!r}. There are: {', '.join(sorted(jobs))}.")
    return found


def find_planned_job(name: str) -> Job | None:
    """A job that is only in the store.

    Raises:
        AppError: It is there, and its function cannot be imported.
    """
    scheduler = build_scheduler()
    scheduler.start(paused=True)
    try:
        found = scheduler.get_job(name)
        if found is None and name in scheduler.set_aside:
            raise AppError(f"{name} cannot be run: {scheduler.set_aside[name].problem}")
        return found
    finally:
        scheduler.shutdown(wait=False)


async def run_now(name: str) -> Run:
    """Run a job in this process, and remember it.

    Raises:
        NotFoundError: There is no such job.
    """
    job = await find_job(name)
    async with open_shared_resources():
        return await run_by_hand(job)


async def ask(action: Action, name: str) -> bool:
    """Ask the scheduler's process to pause or to resume a job; whether one is running.

    Raises:
        NotFoundError: There is no such job.
    """
    jobs, is_running = await asyncio.to_thread(list_jobs)
    if name not in {job.id for job in jobs}:
        await find_job(name)
    await asyncio.to_thread(scheduler_memory().ask_for, Wish(action=action, job=name))
    return is_running


async def run_by_hand(job: Job) -> Run:
    """Run a job here and now, and remember it. Its exception is how it ended."""
    started = datetime.now(UTC)
    outcome, error = Outcome.OK, ""
    try:
        if inspect.iscoroutinefunction(job.func):
            await job.func(*job.args, **job.kwargs)
        else:
            await asyncio.to_thread(job.func, *job.args, **job.kwargs)
    except Exception as problem:
        outcome, error = Outcome.FAILED, error_text(problem)
    finished = datetime.now(UTC)
    run = Run(
        job=job.id,
        outcome=outcome,
        scheduled_at=started,
        finished_at=finished,
        duration_ms=round((finished - started).total_seconds() * 1000, 1),
        error=error,
        is_manual=True,
    )
    await asyncio.to_thread(scheduler_memory().add_run, run)
    return run

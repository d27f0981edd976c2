"""The scheduler's process: waits for its turn, runs jobs, and leaves a heartbeat."""

import asyncio
import os
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime

from apscheduler import events
from apscheduler.jobstores.base import JobLookupError

from app.core.config import settings
from app.core.heartbeat import beating
from app.core.logging import get_logger
from app.core.resources import open_shared_resources
from app.core.scheduler.asked import Asked
from app.core.scheduler.current import running_here
from app.core.scheduler.history import History, error_text
from app.core.scheduler.scheduler import (
    JobScheduler,
    build_scheduler,
    describe_jobs,
    registering_functions,
)
from app.services.scheduler import Heartbeat, JobInfo, Memory, scheduler_memory

log = get_logger(__name__)

WAIT_SECONDS = 2.0
"""How often a second process looks whether the first one has gone."""
SHOWN_JOBS = 100
"""How many jobs a heartbeat names."""


class Plan:
    """The jobs as they are. Reading thousands of them takes time, so it happens when they change."""

    def __init__(self, scheduler: JobScheduler) -> None:
        self._scheduler = scheduler
        self._jobs: list[JobInfo] = []
        self._has_changed = True
        self._next_at = 0.0
        changes = events.EVENT_JOB_ADDED | events.EVENT_JOB_REMOVED | events.EVENT_JOB_MODIFIED
        scheduler.add_listener(self._on_change, changes | events.EVENT_JOB_SUBMITTED)

    def read(self) -> list[JobInfo]:
        """The jobs, the next one first. It takes a twentieth of a thread's time at most."""
        started = time.monotonic()
        if self._has_changed and started >= self._next_at:
            self._has_changed = False
            self._jobs = describe_jobs(self._scheduler)
            ended = time.monotonic()
            self._next_at = ended + 20 * (ended - started)
        return self._jobs

    def _on_change(self, event: events.SchedulerEvent) -> None:
        self._has_changed = True


async def run_scheduler(stop: asyncio.Event) -> None:
    """Run jobs until told to stop; one process at a time does, any other waits for its turn."""
    async with open_shared_resources(), beating("scheduler"):
        memory = scheduler_memory()
        told = ""
        while not stop.is_set():
            reason = await take_turn(memory, stop)
            if reason and reason != told:
                log.warning("scheduler_waits", reason=reason)
            told = reason
            await wait_for(stop, WAIT_SECONDS)


async def take_turn(memory: Memory, stop: asyncio.Event) -> str:
    """Run jobs if it is our turn; otherwise say why not."""
    with ExitStack() as stack:
        try:
            is_ours = await asyncio.to_thread(lambda: stack.enter_context(memory.hold()))
        except Exception as error:
            # A server that restarts, for instance. Nobody knows whose turn it is.
            return error_text(error)
        if not is_ours():
            return "another process runs the jobs"
        try:
            await run_jobs(memory, stop, is_ours)
        except Exception as error:
            # What keeps the turn often keeps the jobs as well, and fails as a whole.
            if await asyncio.to_thread(is_ours):
                raise
            return error_text(error)
    return ""


async def run_jobs(memory: Memory, stop: asyncio.Event, is_ours: Callable[[], bool]) -> None:
    """Be the one that runs them, as long as it is our turn."""
    scheduler = build_scheduler()
    history = History(memory)
    history.listen(scheduler)
    asked = Asked(scheduler, memory)
    scheduler.start(paused=True)
    try:
        # In a thread: what registers jobs may look into a database.
        await asyncio.to_thread(load_jobs, scheduler, memory)
        with running_here(scheduler):
            # Before anything runs: a job may have been paused while no scheduler was there.
            await asked.begin()
            scheduler.resume()
            log.info("scheduler_started", jobs=len(scheduler.get_jobs()))
            await keep_beating(scheduler, history, asked, stop, is_ours)
            scheduler.pause()
            await finish(history, asked)
    finally:
        asked.close()
        scheduler.shutdown(wait=False)
        history.close()
        log.info("scheduler_stopped")


def load_jobs(scheduler: JobScheduler, memory: Memory) -> None:
    """Add what the code asks for, and remove what it no longer does."""
    scheduler.register(registering_functions())
    for job in sorted(memory.registered() - scheduler.registered):
        # Not asked for first: its function may have gone as well, and then it cannot be read.
        with suppress(JobLookupError):
            scheduler.remove_job(job)
            log.info("job_removed", job=job)
    memory.remember_registered(scheduler.registered)
    paused = {name for name in memory.paused() if scheduler.get_job(name) is not None}
    for name in paused:
        scheduler.pause_job(name)
    memory.remember_paused(paused)


async def keep_beating(
    scheduler: JobScheduler,
    history: History,
    asked: Asked,
    stop: asyncio.Event,
    is_ours: Callable[[], bool],
) -> None:
    """Leave a sign of life every few seconds, and begin what was asked for.

    A blocked event loop leaves none.
    """
    started_at = datetime.now(UTC)
    plan = Plan(scheduler)
    while not stop.is_set():
        if not await asyncio.to_thread(is_ours):
            log.warning("turn_lost", reason="what keeps it has failed or was away for a moment")
            return
        await asked.begin()
        jobs = await asyncio.to_thread(plan.read)
        beat = Heartbeat(
            at=datetime.now(UTC),
            started_at=started_at,
            host=socket.gethostname(),
            pid=os.getpid(),
            job_count=len(jobs),
            jobs=shown(jobs),
            running=sorted([*history.running, *asked.running]),
        )
        try:
            await asyncio.to_thread(history.memory.beat, beat)
        except Exception:
            # A full disk or a database that restarts is no reason to stop the jobs.
            log.exception("heartbeat_failed")
        await wait_for(stop, settings.SCHEDULER_HEARTBEAT_SECONDS)


def shown(jobs: list[JobInfo]) -> list[JobInfo]:
    """As many as a heartbeat names. Those without a next run are not left out: somebody has to look after them."""
    waiting = [job for job in jobs if job.next_run is None][:SHOWN_JOBS]
    planned = [job for job in jobs if job.next_run is not None]
    return planned[: SHOWN_JOBS - len(waiting)] + waiting


async def finish(history: History, asked: Asked) -> None:
    """Give the jobs that run a moment to end."""
    seconds = settings.SCHEDULER_STOP_SECONDS
    if not all(await asyncio.gather(history.is_idle(seconds), asked.is_idle(seconds))):
        log.warning("jobs_cut_off", jobs=sorted([*history.running, *asked.running]))


async def wait_for(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not when it is time to stop."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return

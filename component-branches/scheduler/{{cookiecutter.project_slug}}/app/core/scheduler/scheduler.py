"""The scheduler: APScheduler with habits that make its pitfalls harmless."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from app.components import jobs
from app.core.config import settings
from app.core.logging import get_logger
from app.core.scheduler.firing import Executor
from app.core.scheduler.summer_time import by_the_clock
from app.services.scheduler import JobInfo, scheduler_memory

log = get_logger(__name__)

LOOK_SECONDS = 30.0
"""How often to look whether a job is due, at least."""


class JobScheduler(AsyncIOScheduler):
    """Knows which jobs the code asks for.

    With a persistent store plain APScheduler would add a job without an id once more at every
    start, and start the clock of one with an id anew. Here a job's id is its function's name if it
    has none, and a job whose trigger is as before keeps its next run. One that is paused stays so.
    """

    def __init__(self) -> None:
        super().__init__(
            timezone=ZoneInfo(settings.SCHEDULER_TIMEZONE),
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                "misfire_grace_time": settings.SCHEDULER_MISFIRE_GRACE_SECONDS,
            },
        )
        self.registered: set[str] = set()
        self.set_aside: dict[str, JobInfo] = {}
        """What is in the store and cannot be run, by its id; the store tells."""
        self.untold: dict[str, datetime] = {}
        """The runs that have begun without their store being told, by the job's id."""
        self._last_begun: tuple[str, datetime] | None = None
        self._before: Mapping[str, Job] | None = None

    def begins(self, job_id: str, at: datetime) -> None:
        """Remember the run that begins; its store is told after that."""
        self._last_begun = (job_id, at)

    def _process_jobs(self) -> float | None:
        """Run what is due. A store that fails in the middle would end this for good."""
        self._last_begun = None
        try:
            wait: float | None = super()._process_jobs()
        except Exception:
            log.exception("jobs_not_processed")
            if self._last_begun is not None:
                self.untold.update([self._last_begun])
            return self.jobstore_retry_interval
        # A clock that is set, or a machine that has slept: what waits does not notice, and jobs would be late by as much.
        return wait if wait is None else min(wait, LOOK_SECONDS)

    def _create_trigger(self, trigger: Any, trigger_args: Any) -> BaseTrigger:
        return by_the_clock(super()._create_trigger(trigger, trigger_args))

    def _create_default_executor(self) -> Executor:
        return Executor()

    def register(self, functions: list[Callable[[AsyncIOScheduler], None]]) -> None:
        """Let functions add their jobs."""
        self._before = {job.id: job for job in self.get_jobs()} if self.running else {}
        try:
            for function in functions:
                function(self)
        finally:
            self._before = None

    def add_job(  # ty: ignore[incompatible-method-override]
        self,
        func: Any,
        trigger: Any = None,
        args: Any = None,
        kwargs: Any = None,
        id: str | None = None,  # noqa: A002
        **options: Any,
    ) -> Job:
        """Add a job, as APScheduler does."""
        if self._before is None:
            return super().add_job(func, trigger, args, kwargs, id, **options)
        name = id or (func if isinstance(func, str) else func.__name__)
        if name in self.registered:
            raise ValueError(f"There are two jobs called {name!r}. Give each an id of its own.")
        self.registered.add(name)
        options["replace_existing"] = True
        job = super().add_job(func, trigger, args, kwargs, name, **options)
        before = self._before.get(name)
        if before is not None:
            # An earlier release may have stored it.
            kept = by_the_clock(before.trigger)
            if same_trigger(kept, job.trigger):
                job.modify(trigger=kept, next_run_time=before.next_run_time)
            elif before.next_run_time is None:
                job.pause()
        return job


def same_trigger(one: Any, other: Any) -> bool:
    """Whether two triggers mean the same; when an interval was first asked for does not count."""
    zones = {str(getattr(trigger, "timezone", "")) for trigger in (one, other)}
    return type(one) is type(other) and str(one) == str(other) and len(zones) == 1


def build_scheduler(*, persistent: bool = True) -> JobScheduler:
    """The scheduler with its job store, and without its jobs."""
    scheduler = JobScheduler()
    store = scheduler_memory().job_store() if persistent else None
    if store is not None:
        scheduler.add_jobstore(store, "default")
    return scheduler


def registering_functions() -> list[Callable[[AsyncIOScheduler], None]]:
    """Whoever adds jobs: you, and other components."""
    from app.components.scheduler import register_jobs

    functions = [register_jobs, jobs.register_jobs]
    # slot: jobs
    return functions


def describe_jobs(scheduler: JobScheduler) -> list[JobInfo]:
    """The jobs, the next one first; at the end those that cannot be run."""
    found = [
        JobInfo(
            id=job.id,
            trigger=str(job.trigger),
            function=str(job.func_ref),
            next_run=getattr(job, "next_run_time", None),
        )
        for job in scheduler.get_jobs()
    ]
    found += scheduler.set_aside.values()
    return sorted(found, key=lambda job: (job.next_run is None, job.next_run, job.id))

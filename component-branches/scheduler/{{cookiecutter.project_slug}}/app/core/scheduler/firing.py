"""Which run of which job this is: for jobs that must not do the same thing twice."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.job import Job
from apscheduler.util import iscoroutinefunction_partial

from app.core.jobs import JobRun, running


@dataclass(frozen=True, slots=True)
class Firing:
    """A job, and the time that it was planned for; that is the same when a crash makes it run again."""

    job: str
    at: datetime


current_firing: ContextVar[Firing | None] = ContextVar("current_firing", default=None)
"""Set in `async def` jobs; None when a job was called by hand."""


class Executor(AsyncIOExecutor):
    """Runs jobs, and lets them know."""

    def _do_submit_job(self, job: Job, run_times: list[datetime]) -> Any:
        scheduler: Any = self._scheduler
        scheduler.begins(job.id, run_times[-1])
        # The task that is made for the job takes a copy of this along.
        token = current_firing.set(Firing(job.id, run_times[-1]))
        try:
            return super()._do_submit_job(observed(job), run_times)
        finally:
            current_firing.reset(token)


def observed(job: Job) -> Job:
    """The same job, whose function lets components look on."""
    function, run = job.func, JobRun(job.id, "scheduler")

    async def in_the_loop(*args: Any, **kwargs: Any) -> Any:
        with running(run):
            return await function(*args, **kwargs)

    def in_a_thread(*args: Any, **kwargs: Any) -> Any:
        with running(run):
            return function(*args, **kwargs)

    # APScheduler makes jobs in one way only, which asks for a scheduler.
    made = Job.__new__(Job)
    for name in Job.__slots__:
        if name != "__weakref__" and hasattr(job, name):
            setattr(made, name, getattr(job, name))
    made.func = in_the_loop if iscoroutinefunction_partial(function) else in_a_thread
    return made

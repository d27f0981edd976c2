"""Which run of which job this is: for jobs that must not do the same thing twice."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.job import Job


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
        # The task that is made for the job takes a copy of this along.
        token = current_firing.set(Firing(job.id, run_times[-1]))
        try:
            return super()._do_submit_job(job, run_times)
        finally:
            current_firing.reset(token)

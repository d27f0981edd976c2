"""Keeps jobs in the database."""

import pickle
from datetime import datetime
from typing import Any

from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.util import datetime_to_utc_timestamp, utc_timestamp_to_datetime
from sqlalchemy import ColumnElement, Engine, Table, select

from app.core.db import current_database
from app.core.explain import error_line
from app.core.logging import get_logger
from app.services.scheduler.models import JobInfo

log = get_logger(__name__)

_TABLES: dict[str, Table] = {}


class JobStore(SQLAlchemyJobStore):
    """Keeps what it cannot read: a function that one bad deployment breaks is there again after the next.

    Such a job is set aside, and neither run nor changed. Each start tries to read it again, and so does
    whoever asks for all jobs. APScheduler itself would delete it.

    A run begins before the store is told. When the database is away at that moment, APScheduler
    itself would begin it once more.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine=engine)
        # SQLAlchemy keeps the statements of each table. There is a new store after each outage.
        self.jobs_t = _TABLES.setdefault(self.jobs_t.name, self.jobs_t)

    @property
    def set_aside(self) -> dict[str, JobInfo]:
        """What cannot be read, by its id; the scheduler tells health."""
        scheduler: Any = self._scheduler
        found: dict[str, JobInfo] = scheduler.set_aside
        return found

    def lookup_job(self, job_id: str) -> Job | None:
        """A job; None when there is none, or when it is set aside."""
        found = self._read(self.jobs_t.c.id == job_id)
        return found[0] if found else None

    def get_due_jobs(self, now: datetime) -> list[Job]:
        """Those whose time has come, without the runs that have begun."""
        due = self.jobs_t.c.next_run_time <= datetime_to_utc_timestamp(now)
        jobs = self._read(due, self._is_readable())
        return [job for job in jobs if not self._has_begun(job, now)]

    def get_next_run_time(self) -> datetime | None:
        """When the next one is due that can be run."""
        query = select(self.jobs_t.c.next_run_time).where(
            self.jobs_t.c.next_run_time.is_not(None), self._is_readable()
        )
        with self.engine.begin() as connection:
            found = connection.execute(query.order_by(self.jobs_t.c.next_run_time).limit(1))
            return utc_timestamp_to_datetime(found.scalar())

    def get_all_jobs(self) -> list[Job]:
        """All that can be run."""
        jobs = self._read()
        self._fix_paused_jobs_sorting(jobs)
        return jobs

    def update_job(self, job: Job) -> None:
        """Replace it; one that the code asks for anew is as good as new."""
        super().update_job(job)
        self.set_aside.pop(job.id, None)

    def remove_job(self, job_id: str) -> None:
        """Remove it, whether it can be run or not."""
        super().remove_job(job_id)
        self.set_aside.pop(job_id, None)

    def _has_begun(self, job: Job, now: datetime) -> bool:
        scheduler: Any = self._scheduler
        begun = scheduler.untold.get(job.id)
        if begun is None:
            return False
        has_begun = job.next_run_time <= begun
        if has_begun:
            following = job.trigger.get_next_fire_time(begun, now)
            if following is None:
                scheduler.remove_job(job.id, self._alias)
            else:
                job._modify(next_run_time=following)
                self.update_job(job)
        del scheduler.untold[job.id]
        return bool(has_begun)

    def _is_readable(self) -> ColumnElement[bool]:
        return self.jobs_t.c.id.not_in(list(self.set_aside))

    def _read(self, *conditions: ColumnElement[bool]) -> list[Job]:
        query = select(self.jobs_t.c.id, self.jobs_t.c.job_state).where(*conditions)
        with self.engine.begin() as connection:
            rows = connection.execute(query.order_by(self.jobs_t.c.next_run_time)).all()
        found = [self._restore(row.id, row.job_state) for row in rows]
        return [job for job in found if job is not None]

    def _restore(self, job_id: str, state: bytes) -> Job | None:
        try:
            job: Job = self._reconstitute_job(state)
        except (Exception, SystemExit) as error:
            # SystemExit: what a module does that ends the process when it is imported.
            if job_id not in self.set_aside:
                self.set_aside[job_id] = describe(job_id, state, error)
                log.error("job_set_aside", job=job_id, reason=self.set_aside[job_id].problem)
            return None
        if self.set_aside.pop(job_id, None) is not None:
            log.info("job_restored", job=job_id)
        return job


def describe(job_id: str, state: bytes, error: BaseException) -> JobInfo:
    """What can be known of a job without its function."""
    cause = error.__cause__ or error.__context__
    problem = error_line(error) + (f" ({error_line(cause)})" if cause is not None else "")
    try:
        known: dict[str, Any] = pickle.loads(state)  # noqa: S301
    except Exception:
        known = {}
    return JobInfo(
        id=job_id,
        trigger=str(known.get("trigger", "")),
        function=str(known.get("func", "")),
        problem=problem,
    )


def database_job_store() -> JobStore:
    """A store that outlives the process."""
    return JobStore(current_database().engine)

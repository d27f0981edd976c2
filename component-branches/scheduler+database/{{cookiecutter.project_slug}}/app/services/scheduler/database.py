"""The scheduler's memory in the database."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError
from sqlalchemy import delete, inspect
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, func, select

from app.core.config import settings
from app.core.db import current_database, db_session
from app.models.scheduler import JobRun, SchedulerNote
from app.services.scheduler.files import time_ordered
from app.services.scheduler.models import Heartbeat, Outcome, Run, Wish, read_wishes

if TYPE_CHECKING:
    from app.services.scheduler.job_store import JobStore

HEARTBEAT = "heartbeat"
REGISTERED = "registered"
ASKED = "asked:"

Found = TypeVar("Found")


class DatabaseMemory:
    """Rows instead of files: the web process and the scheduler need not share a disk."""

    def hold(self) -> AbstractContextManager[Callable[[], bool]]:
        """A lock that the database system gives."""
        return current_database().hold("scheduler")

    def job_store(self) -> "JobStore":
        """Jobs outlive the process."""
        from app.services.scheduler.job_store import database_job_store

        return database_job_store()

    def beat(self, heartbeat: Heartbeat) -> None:
        """Replace the row."""
        self._note(HEARTBEAT, heartbeat.model_dump_json())

    def last_beat(self) -> Heartbeat | None:
        """Read the row."""
        try:
            return Heartbeat.model_validate_json(self._read(HEARTBEAT))
        except ValidationError:
            return None

    def add_run(self, run: Run) -> None:
        """Add a row."""
        with db_session() as session:
            session.add(
                JobRun(
                    job=run.job,
                    outcome=run.outcome.value,
                    scheduled_at=run.scheduled_at,
                    finished_at=run.finished_at,
                    duration_ms=run.duration_ms,
                    error=run.error,
                    is_manual=run.is_manual,
                )
            )

    def runs(self, limit: int = 50, job: str | None = None) -> list[Run]:
        """The latest rows."""
        query = select(JobRun).order_by(col(JobRun.id).desc()).limit(limit)
        if job is not None:
            query = query.where(JobRun.job == job)
        return look(lambda session: [to_run(row) for row in session.exec(query)], [])

    def last_runs(self) -> dict[str, Run]:
        """The latest row of each job."""
        newest = select(func.max(JobRun.id)).group_by(col(JobRun.job))
        query = select(JobRun).where(col(JobRun.id).in_(newest))
        return look(lambda session: {row.job: to_run(row) for row in session.exec(query)}, {})

    def ask_for(self, wish: Wish) -> None:
        """A row for each wish, so that none gets lost while others are taken."""
        self._note(f"{ASKED}{time_ordered()}", wish.model_dump_json())

    def take_asked(self) -> list[Wish]:
        """Read the rows, and remove them."""
        with db_session() as session:
            query = select(SchedulerNote).where(col(SchedulerNote.name).startswith(ASKED))
            notes = session.exec(query.order_by(col(SchedulerNote.name))).all()
            for note in notes:
                session.delete(note)
            return read_wishes(note.value for note in notes)

    def paused(self) -> set[str]:
        """Nothing: the job store knows."""
        return set()

    def remember_paused(self, jobs: set[str]) -> None:
        """Nothing to remember."""

    def registered(self) -> set[str]:
        """The jobs that the code asked for at the last start."""
        return set(json.loads(self._read(REGISTERED) or "[]"))

    def remember_registered(self, jobs: set[str]) -> None:
        """Replace the row, and let old history go."""
        self._note(REGISTERED, json.dumps(sorted(jobs)))
        forget_old_runs()

    def _note(self, name: str, value: str) -> None:
        with db_session() as session:
            session.merge(SchedulerNote(name=name, value=value))

    def _read(self, name: str) -> str:
        note = look(lambda session: session.get(SchedulerNote, name), None)
        return note.value if note is not None else ""


def look(read: Callable[[Session], Found], nothing: Found) -> Found:
    """What is there. Before the first migration, when somebody may look already, it is nothing."""
    try:
        with db_session() as session:
            return read(session)
    except DBAPIError:
        with db_session() as session:
            if inspect(session.connection()).has_table(str(SchedulerNote.__tablename__)):
                raise
        return nothing


def forget_old_runs() -> int:
    """Remove the history that is older than the settings say; return how many rows went."""
    oldest = datetime.now(UTC) - timedelta(days=settings.SCHEDULER_HISTORY_DAYS)
    with db_session() as session:
        result = session.connection().execute(
            delete(JobRun).where(col(JobRun.finished_at) < oldest)
        )
        return result.rowcount


def to_run(row: JobRun) -> Run:
    """A row as a run."""
    return Run(
        job=row.job,
        outcome=Outcome(row.outcome),
        scheduled_at=row.scheduled_at,
        finished_at=row.finished_at,
        duration_ms=row.duration_ms,
        error=row.error,
        is_manual=row.is_manual,
    )

"""Keeps jobs in the database."""

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from sqlalchemy import Connection

from app.core.db import current_database


def database_job_store() -> SQLAlchemyJobStore:
    """A store that outlives the process. It makes its own table, `apscheduler_jobs`."""
    return SQLAlchemyJobStore(engine=current_database().engine)


def make_job_table(connection: Connection) -> None:
    """Make that table, for whoever copies jobs from another database."""
    SQLAlchemyJobStore(engine=current_database().engine).jobs_t.create(connection, checkfirst=True)

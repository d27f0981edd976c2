"""Keeps jobs in the database."""

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore

from app.core.db import current_database


def database_job_store() -> SQLAlchemyJobStore:
    """A store that outlives the process. It makes its own table, `apscheduler_jobs`."""
    return SQLAlchemyJobStore(engine=current_database().engine)

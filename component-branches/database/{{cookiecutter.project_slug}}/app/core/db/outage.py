"""Errors that are nobody's fault: the database is away, full or too busy."""

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.core.db.database import current_database
from app.core.redaction import redact


def is_outage(error: BaseException) -> bool:
    """Whether the database failed, and not the statement: later it may work."""
    if isinstance(error, PoolTimeoutError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return current_database().dialect.is_outage(_cause(error))


def explain_outage(error: BaseException) -> str | None:
    """What happened, in a line and without secrets; None: something else."""
    if not is_outage(error):
        return None
    if isinstance(error, PoolTimeoutError):
        return "All database connections of this process are in use (DATABASE_POOL_SIZE)"
    dialect = current_database().dialect
    if problem := dialect.storage_problem(_cause(error)):
        return redact(problem)
    lines = str(_cause(error)).strip().splitlines() or [type(error).__name__]
    return redact(f"{dialect.title} at {dialect.place()} does not answer: {lines[0]}")


def is_storage_problem(error: BaseException) -> bool:
    """Whether the disk is full or may not be written: waiting does not help."""
    return current_database().dialect.storage_problem(_cause(error)) is not None


def _cause(error: BaseException) -> BaseException:
    """What the driver said."""
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error

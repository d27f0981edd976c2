"""Errors of statements that the database refuses because it lacks migrations."""

from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from app.core.db.outage import explain_outage
from app.core.redaction import redact


def explain_unmigrated(error: BaseException) -> str | None:
    """What to do, in a line; None: something else is wrong.

    Asks the database, so that a statement with a mistake in it is still shown as what it is.
    """
    if not isinstance(error, (OperationalError, ProgrammingError)):
        return None
    if explain_outage(error) is not None or not has_pending():
        return None
    first = (str(error.orig).strip().splitlines() or [type(error).__name__])[0]
    return redact(f"The database lacks migrations ({first}). Apply them with: make migrate")


def has_pending() -> bool:
    """Whether migrations are pending, as far as the database says."""
    from app.core.db.migrations import status

    try:
        return bool(status().pending)
    except SQLAlchemyError:
        return False

"""Errors in words for people."""

from app.core.redaction import redact
from app.core.storage import explain_storage
from app.stack import COMPONENTS


def explanation(error: BaseException) -> str | None:
    """What happened around the application, such as a server that is away; None: maybe a bug."""
    for component in COMPONENTS:
        text = component.explain(error)
        if text is not None:
            return redact(text)
    return explain_storage(error) if isinstance(error, OSError) else None


def error_line(error: BaseException) -> str:
    """An error in a line, without secrets."""
    return explanation(error) or redact(f"{type(error).__name__}: {error}")

"""Errors in words for people."""

from app.core.extensions import extending
from app.core.redaction import redact


def explanation(error: BaseException) -> str | None:
    """What happened around the application, such as a server that is away; None: maybe a bug.

    Whoever extends `errors.explain` takes an exception, and knows what to say or gives None.
    """
    for explain in extending("errors.explain"):
        text: str | None = explain(error)
        if text is not None:
            return redact(text)
    return None


def error_line(error: BaseException) -> str:
    """An error in a line, without secrets."""
    return explanation(error) or redact(f"{type(error).__name__}: {error}")

"""Spans of statements: the SQL as it was written, without the values that it was sent with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind, StatusCode, get_current_span
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from app.core.version import version

_SPAN = "observability_span"


def trace_statements(provider: TracerProvider) -> Callable[[], None]:
    """Trace what all engines of this process send, whenever they were made."""
    tracer = provider.get_tracer(__name__, version())

    def before(
        connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool
    ) -> None:
        # What belongs to nothing that is kept need not even be looked at.
        if context is None or not get_current_span().is_recording():
            return
        operation = statement.lstrip().partition(" ")[0].upper()
        attributes = {
            "db.system.name": connection.dialect.name,
            "db.operation.name": operation,
            "db.query.text": statement,
            "db.namespace": connection.engine.url.database or "",
        }
        span = tracer.start_span(operation, kind=SpanKind.CLIENT, attributes=attributes)
        setattr(context, _SPAN, span)

    def after(
        connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool
    ) -> None:
        if (span := getattr(context, _SPAN, None)) is not None:
            span.end()

    def failed(found: ExceptionContext) -> None:
        if (span := getattr(found.execution_context, _SPAN, None)) is not None:
            # Its text may have the values in it.
            span.set_attribute("error.type", type(found.original_exception).__name__)
            span.set_status(StatusCode.ERROR)
            span.end()

    listeners: dict[str, Callable[..., None]] = {
        "before_cursor_execute": before,
        "after_cursor_execute": after,
        "handle_error": failed,
    }
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)

    def end() -> None:
        for name, listener in listeners.items():
            event.remove(Engine, name, listener)

    return end

"""Spans of commands that Redis is sent: their names, without keys and values."""

from __future__ import annotations

from collections.abc import Callable

from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.trace import TracerProvider


def trace_commands(provider: TracerProvider) -> Callable[[], None]:
    """Trace what all clients of this process send."""
    instrumentor = RedisInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    return instrumentor.uninstrument

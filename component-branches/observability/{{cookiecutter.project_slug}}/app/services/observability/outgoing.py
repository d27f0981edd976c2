"""Calls to other services: spans, and the header by which they go on with the trace."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from opentelemetry.instrumentation.httpx import HTTPX2ClientInstrumentor, HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Span


def trace_outgoing(provider: TracerProvider) -> Callable[[], None]:
    """Trace what clients of httpx and httpx2 ask, whichever is installed."""
    libraries: dict[str, Any] = {
        "httpx": HTTPXClientInstrumentor,
        "httpx2": HTTPX2ClientInstrumentor,
    }
    used = [kind() for name, kind in libraries.items() if find_spec(name) is not None]
    for instrumentor in used:
        instrumentor.instrument(
            tracer_provider=provider,
            request_hook=without_query,
            async_request_hook=without_query_async,
        )

    def end() -> None:
        for instrumentor in used:
            instrumentor.uninstrument()

    return end


def without_query(span: Span, request: Any) -> None:
    """Some services want their key there."""
    span.set_attribute("url.full", str(request.url).partition("?")[0])


async def without_query_async(span: Span, request: Any) -> None:
    """The same for coroutines."""
    without_query(span, request)

"""A span around each request that is kept."""

from collections.abc import Awaitable

from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.components.backend.middleware.route_path import local_path, route_path
from app.core.constants import DASHBOARD_PATH, DOCS_PATH
from app.core.context import request_id, trace_parent
from app.services.observability.tracing import (
    Parent,
    Tracing,
    current_tracing,
    not_kept,
    read_parent,
)

# Load balancers and the files of our own pages would fill it.
_QUIET = ("/health/", f"{DASHBOARD_PATH}/", f"{DOCS_PATH}/assets/")


class TracingMiddleware:
    """Goes on with the trace that a request brings, or begins one. Paths, query strings and bodies are not in it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Handle a request."""
        tracing = current_tracing()
        if scope["type"] != "http" or tracing is None:
            return self.app(scope, receive, send)
        if f"{local_path(scope)}/".startswith(_QUIET):
            return self.app(scope, receive, send)
        parent = None
        for name, value in scope["headers"]:
            if name == b"traceparent":
                parent = read_parent(value.decode("latin-1"))
                break
        if tracing.keeps(parent, is_ours=False):
            return self.trace(tracing, parent, scope, receive, send)
        # Never reset: the server gives each request a context of its own.
        trace_parent.set(not_kept(parent))
        return self.app(scope, receive, send)

    async def trace(
        self,
        tracing: Tracing,
        parent: Parent | None,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """Handle a request that is kept."""
        method = scope["method"]
        attributes = {
            "http.request.method": method,
            "url.scheme": scope["scheme"],
            "request.id": request_id.get() or "",
        }
        with tracing.span(method, SpanKind.SERVER, parent, attributes) as span:

            def watch(message: Message) -> Awaitable[None]:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(StatusCode.ERROR)
                return send(message)

            try:
                await self.app(scope, receive, watch)
            finally:
                # As logs have it: the pattern of the route holds no token that a path may hold.
                span.set_attribute("url.path", route_path(scope))
                route: str | None = getattr(scope.get("route"), "path", None)
                if route:
                    span.update_name(f"{method} {route}")
                    span.set_attribute("http.route", route)

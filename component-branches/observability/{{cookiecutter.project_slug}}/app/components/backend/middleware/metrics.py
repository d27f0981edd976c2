"""Counts requests for Prometheus."""

import time
from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.constants import DASHBOARD_PATH, DOCS_PATH
from app.services.observability.metrics import request_figures, running_now

# Names that strangers can make up must not become names of series: each would be kept for ever.
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_MOUNTED = (DASHBOARD_PATH, DOCS_PATH)


class MetricsMiddleware:
    """Counts each request under its route, with its time."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Asked first: what is mounted changes it.
        root = scope.get("root_path", "")
        status = 500

        def watch(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                nonlocal status
                status = message["status"]
            return send(message)

        running_now["requests"] += 1
        started = time.perf_counter()
        try:
            await self.app(scope, receive, watch)
        finally:
            seconds = time.perf_counter() - started
            running_now["requests"] -= 1
            method = scope["method"] if scope["method"] in _METHODS else "other"
            count, duration = request_figures(method, pattern(scope, root), status)
            count.inc()
            duration.observe(seconds)


def pattern(scope: Scope, root: str) -> str:
    """The route's pattern, or what stands for all that has none."""
    found: str | None = getattr(scope.get("route"), "path", None)
    if found:
        return found
    path: str = scope["path"].removeprefix(root)
    for mounted in _MOUNTED:
        if path == mounted or path.startswith(f"{mounted}/"):
            return f"{mounted}/*"
    return "none"

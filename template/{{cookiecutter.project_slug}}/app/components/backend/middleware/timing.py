"""Measures requests: for its answer, the metrics, the activity log and the logs."""

import time
from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.components.backend.middleware.route_path import local_path, route_path
from app.core.config import Settings
from app.core.constants import DASHBOARD_PATH, DOCS_PATH
from app.core.context import request_id
from app.core.logging import get_logger
from app.services.activity import RequestRecord, activity
from app.services.metrics import metrics

log = get_logger(__name__)

# Load balancers and the files of our own pages would drown what people look for, and spoil the figures.
_QUIET = ("/health/", f"{DASHBOARD_PATH}/", f"{DOCS_PATH}/assets/")


class TimingMiddleware:
    """Adds `Server-Timing`, counts, remembers and logs."""

    def __init__(self, app: ASGIApp, config: Settings) -> None:
        self.app = app
        self.log_requests = config.LOG_REQUESTS

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Handle a request."""
        if scope["type"] != "http" or f"{local_path(scope)}/".startswith(_QUIET):
            return self.app(scope, receive, send)
        return self._measure(scope, receive, send)

    async def _measure(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        status = 500

        def send_with_timing(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                nonlocal status
                status = message["status"]
                duration = b"app;dur=%.2f" % ((time.perf_counter() - started) * 1000)
                message["headers"] = [*message.get("headers", ()), (b"server-timing", duration)]
            return send(message)

        try:
            await self.app(scope, receive, send_with_timing)
        finally:
            seconds = time.perf_counter() - started
            metrics.count_request(status, seconds)
            self.remember(scope, status, seconds * 1000)

    def remember(self, scope: Scope, status: int, duration_ms: float) -> None:
        """Keep the request for the dashboard, and log it."""
        method, path = scope["method"], route_path(scope)
        duration_ms = round(duration_ms, 2)
        record = RequestRecord(
            time.time(), method, path, status, duration_ms, request_id.get() or ""
        )
        activity.add_request(record)
        if self.log_requests:
            client = scope.get("client")
            log.info(
                "request",
                method=method,
                path=path,
                status=status,
                duration_ms=duration_ms,
                client=client[0] if client else None,
            )

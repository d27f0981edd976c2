"""Answers what nobody expected with a 500 that gives nothing away."""

import asyncio
import time
from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.components.backend.errors import problem
from app.components.backend.middleware.route_path import route_path
from app.core.context import request_id
from app.core.logging import get_logger
from app.core.stopping import stopping
from app.services.activity import activity

log = get_logger(__name__)


class FailuresMiddleware:
    """Logs the exception, remembers it and answers.

    The framework's own handler sits outside all middleware, so its answers would lack the
    request id and the security headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = 0

        def watch(message: Message) -> Awaitable[None]:
            nonlocal started
            started = started or message.get("status", 200)
            return send(message)

        try:
            await self.app(scope, receive, watch)
        except asyncio.CancelledError:
            # The server cancels what still runs when its time to stop is over.
            if started or not stopping.begun:
                raise
            detail = "This process stops. Try again: another one answers, or the next."
            answer = problem(503, detail, instance=scope["path"], headers={"Retry-After": "1"})
            await answer(scope, receive, send)
        except Exception as error:
            method, path = scope["method"], route_path(scope)
            status = started or 500
            activity.add_error(time.time(), f"{method} {path}", error, request_id.get(), status)
            log.error("unhandled_exception", exc_info=error, method=method, path=path)
            if started:
                raise
            detail = "Something went wrong on our side. The request id finds it in the logs."
            await problem(500, detail, instance=scope["path"])(scope, receive, send)

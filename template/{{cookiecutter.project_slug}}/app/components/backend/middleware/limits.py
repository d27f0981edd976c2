"""Bounds what one client, or all of them together, can take from this process."""

import asyncio
from collections.abc import Awaitable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.components.backend.errors import problem
from app.components.backend.middleware.route_path import local_path
from app.core.config import Settings
from app.core.constants import DASHBOARD_PATH

# Load balancers must hear something, and operators look why, when there is too much to do.
_ALWAYS = ("/health/", f"{DASHBOARD_PATH}/")


class LimitsMiddleware:
    """Answers 503 while too many requests run, 413 to a body that is too large, 408 to one that does not end."""

    def __init__(self, app: ASGIApp, config: Settings) -> None:
        self.app = app
        self.max_requests = config.WEB_MAX_REQUESTS
        self.max_body = config.WEB_MAX_BODY_BYTES
        self.body_seconds = config.WEB_BODY_SECONDS
        self.running = 0

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Handle a request."""
        if scope["type"] != "http" or f"{local_path(scope)}/".startswith(_ALWAYS):
            return self.app(scope, receive, send)
        return self._handle(scope, receive, send)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.running >= self.max_requests:
            await self._refuse(scope, receive, send, 503, "Too many requests run at once.")
            return
        if self._announces_too_much(scope):
            await self._refuse(scope, receive, send, 413, self._too_large())
            return
        self.running += 1
        try:
            await self.app(scope, self._bounded(receive), send)
        finally:
            self.running -= 1

    def _announces_too_much(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"content-length":
                return value.isdigit() and int(value) > self.max_body
        return False

    def _too_large(self) -> str:
        return f"The body is larger than {self.max_body} bytes."

    def _bounded(self, receive: Receive) -> Receive:
        received = 0
        is_whole = False
        deadline: float | None = None

        async def bounded() -> Message:
            nonlocal received, is_whole, deadline
            if is_whole:
                # What else comes is the end of the connection, which may take its time.
                return await receive()
            if deadline is None:
                deadline = asyncio.get_running_loop().time() + self.body_seconds
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(
                    408, "The body did not end in time.", {"Connection": "close"}
                ) from None
            received += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if received > self.max_body:
                raise HTTPException(413, self._too_large(), {"Connection": "close"})
            return message

        return bounded

    def _refuse(
        self, scope: Scope, receive: Receive, send: Send, status: int, detail: str
    ) -> Awaitable[None]:
        headers = {"Retry-After": "1"} if status == 503 else {"Connection": "close"}
        answer = problem(status, detail, instance=scope["path"], headers=headers)
        return answer(scope, receive, send)

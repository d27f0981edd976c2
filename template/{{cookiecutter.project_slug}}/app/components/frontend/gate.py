"""Stands before everything of the dashboard: page, files and websocket."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.components.frontend import access
from app.components.frontend.door import Door, Refusal, mounted_at, viewer
from app.components.frontend.login import LOGIN_POLICY
from app.core.config import settings
from app.core.logging import get_logger

log = get_logger(__name__)

# Flutter draws with WebAssembly and starts its workers from blobs. Nothing comes from elsewhere.
DASHBOARD_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)

LONGEST_LOGIN = 4096
REFUSED_SECONDS = 0.5
LEAVE_SECONDS = 0.5
ADMIT_SECONDS = 5.0
"""How often an open dashboard is asked again who looks."""


class Gate:
    """Lets in who may see the dashboard, and only from its own pages."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request or a websocket."""
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = scope["path"].removeprefix(root(request))
        if path == "/login" and request.method == "POST":
            response = await self._log_in(request)
        elif path == "/logout":
            response = await self._log_out(request)
        elif request.method not in {"GET", "HEAD"}:
            response = PlainTextResponse("Method Not Allowed", 405, {"Allow": "GET, HEAD"})
        elif await self.door.admit(request) is None:
            response = self._closed(request, path)
        else:
            await self.app(scope, receive, with_headers(send))
            return
        await response(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        found = await self.door.admit(connection) if is_own_origin(connection) else None
        if found is None:
            # Closed before it was accepted: the server answers 403.
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        viewer.set(found)
        mounted_at.set(root(connection))
        await serve_while(self._admitted(connection), self.app, scope, receive, send)

    async def _admitted(self, connection: HTTPConnection) -> None:
        """Wait until whoever looks may not look any more. Where that cannot be said, they may."""
        while True:
            await asyncio.sleep(ADMIT_SECONDS)
            try:
                if await self.door.admit(connection) is None:
                    return
            except Exception as error:
                log.warning("dashboard_door_failed", reason=type(error).__name__)

    def _closed(self, request: Request, path: str) -> Response:
        """Ask who it is where a person looks; say no where a program does."""
        is_page = "." not in path.rpartition("/")[2]
        if not is_page:
            return PlainTextResponse("Unauthorized", 401)
        return self._login_response(request, 401)

    def _login_response(
        self, request: Request, status: int, refusal: Refusal | None = None
    ) -> Response:
        """The page that asks who it is."""
        page = self.door.page(f"{root(request)}/login", refusal)
        headers = {"Content-Security-Policy": LOGIN_POLICY, "Cache-Control": "no-store"}
        return HTMLResponse(page, status, headers)

    async def _log_in(self, request: Request) -> Response:
        """Exchange what the form says for a cookie."""
        if not is_own_origin(request):
            return PlainTextResponse("Forbidden", 403)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_LOGIN:
                return PlainTextResponse("Content Too Large", 413)
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        cookie = await self.door.log_in(request, form)
        if isinstance(cookie, Refusal):
            await asyncio.sleep(REFUSED_SECONDS)
            return self._login_response(request, 401, cookie)
        response = RedirectResponse(f"{root(request)}/", 303)
        access.let_in(response, cookie, root(request), is_secure=self.door.is_secure(request))
        return response

    async def _log_out(self, request: Request) -> Response:
        """Forget the cookie."""
        if request.headers.get("sec-fetch-site") == "cross-site":
            # A link on another page signs nobody out.
            return PlainTextResponse("Forbidden", 403)
        await self.door.log_out(request)
        response = RedirectResponse(f"{root(request)}/", 303)
        response.delete_cookie(access.COOKIE, path=root(request) or "/")
        return response


def is_own_origin(connection: HTTPConnection) -> bool:
    """Whether a page of ours asks.

    Browsers send the origin of the page with every websocket and every form. Behind a proxy that
    rewrites `Host`, the public name has to be in `ALLOWED_HOSTS`.
    """
    try:
        origin = urlsplit(connection.headers.get("origin", ""))
    except ValueError:
        # `http://[` is an address to nobody.
        return False
    if not origin.netloc or origin.scheme not in {"http", "https"}:
        return False
    host = connection.headers.get("host", "").lower()
    return origin.netloc.lower() == host or (origin.hostname or "") in settings.ALLOWED_HOSTS


def root(connection: HTTPConnection) -> str:
    """The path where the dashboard is mounted, with a proxy's prefix if there is one."""
    path: str = connection.scope.get("root_path", "")
    return path.rstrip("/")


def with_headers(send: Send) -> Send:
    """Say what the page may load."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Content-Security-Policy"] = DASHBOARD_POLICY
            # Flutter's fastest renderer needs an isolated page.
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
            headers["Cross-Origin-Embedder-Policy"] = "require-corp"
            headers.setdefault("Cache-Control", "no-cache")
        await send(message)

    return send_with_headers


async def serve_while(
    admitted: Coroutine[Any, Any, None], app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Serve a websocket; end when `admitted` does, and soon after the browser has left.

    Flet waits for ever for a client that leaves before it has introduced itself, and the server
    would wait for Flet when it is told to stop. What it tells one that has left goes nowhere: an
    error there would keep it from closing the session.
    """
    left = asyncio.Event()

    async def tell(message: Message) -> None:
        with suppress(OSError):
            await send(message)

    async def watch() -> Message:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            left.set()
        return message

    serving = asyncio.ensure_future(app(scope, watch, tell))
    leaving = asyncio.ensure_future(left.wait())
    welcome = asyncio.ensure_future(admitted)
    try:
        await asyncio.wait({serving, leaving, welcome}, return_when=asyncio.FIRST_COMPLETED)
        if welcome.done() and not serving.done() and not leaving.done():
            with suppress(RuntimeError):
                await send({"type": "websocket.close", "code": 1008})
        elif not serving.done():
            await asyncio.wait({serving}, timeout=LEAVE_SECONDS)
    finally:
        leaving.cancel()
        welcome.cancel()
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving

"""Stands before everything of the dashboard: page, files and websocket."""

import asyncio
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.components.frontend import access
from app.components.frontend.login import LOGIN_POLICY, login_page
from app.core import operators
from app.core.config import settings

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
WRONG_TOKEN_SECONDS = 0.5
LEAVE_SECONDS = 0.5


class Gate:
    """Lets in who may see the dashboard, and only from its own pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

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
            response = await log_in(request)
        elif path == "/logout":
            response = log_out(request)
        elif request.method not in {"GET", "HEAD"}:
            response = PlainTextResponse("Method Not Allowed", 405, {"Allow": "GET, HEAD"})
        elif not await access.may_enter(request):
            response = closed(request, path)
        else:
            await self.app(scope, receive, with_headers(send))
            return
        await response(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        if not is_own_origin(connection) or not await access.may_enter(connection):
            # Closed before it was accepted: the server answers 403.
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await end_when_left(self.app, scope, receive, send)


def is_own_origin(connection: HTTPConnection) -> bool:
    """Whether a page of ours asks.

    Browsers send the origin of the page with every websocket and every form. Behind a proxy that
    rewrites `Host`, the public name has to be in `ALLOWED_HOSTS`.
    """
    origin = urlsplit(connection.headers.get("origin", ""))
    if not origin.netloc or origin.scheme not in {"http", "https"}:
        return False
    host = connection.headers.get("host", "").lower()
    return origin.netloc.lower() == host or (origin.hostname or "") in settings.ALLOWED_HOSTS


def closed(request: Request, path: str) -> Response:
    """Ask for the token where a person looks; say no where a program does."""
    is_page = "." not in path.rpartition("/")[2]
    if not is_page:
        return PlainTextResponse("Unauthorized", 401)
    return login_response(request, 401)


def login_response(request: Request, status: int, *, wrong: bool = False) -> Response:
    """The page that asks for the token, or says that there is none."""
    page = login_page(
        action=f"{root(request)}/login",
        wrong=wrong,
        has_token=operators.token() is not None,
    )
    headers = {"Content-Security-Policy": LOGIN_POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(page, status, headers)


async def log_in(request: Request) -> Response:
    """Exchange the token for a cookie."""
    if not is_own_origin(request):
        return PlainTextResponse("Forbidden", 403)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_LOGIN:
            return PlainTextResponse("Content Too Large", 413)
    given = parse_qs(body.decode("utf-8", "replace")).get("token", [""])[0]
    if not operators.is_right_token(given):
        await asyncio.sleep(WRONG_TOKEN_SECONDS)
        return login_response(request, 401, wrong=True)
    response = RedirectResponse(f"{root(request)}/", 303)
    response.set_cookie(
        access.COOKIE,
        access.make_cookie(),
        max_age=access.COOKIE_SECONDS,
        path=root(request) or "/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


def log_out(request: Request) -> Response:
    """Forget the cookie."""
    response = RedirectResponse(f"{root(request)}/", 303)
    response.delete_cookie(access.COOKIE, path=root(request) or "/")
    return response


def root(request: Request) -> str:
    """The path where the dashboard is mounted, with a proxy's prefix if there is one."""
    path: str = request.scope.get("root_path", "")
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


async def end_when_left(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a websocket, and end soon after the browser has left.

    Flet waits for ever for a client that leaves before it has introduced itself, and the server
    would wait for Flet when it is told to stop.
    """
    left = asyncio.Event()

    async def watch() -> Message:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            left.set()
        return message

    serving = asyncio.ensure_future(app(scope, watch, send))
    leaving = asyncio.ensure_future(left.wait())
    try:
        await asyncio.wait({serving, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            await asyncio.wait({serving}, timeout=LEAVE_SECONDS)
    finally:
        leaving.cancel()
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving

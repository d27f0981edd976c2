"""Flet as an ASGI application, loaded when somebody looks.

This is what `flet.fastapi.app()` builds, less what a dashboard does not need: no uploads, no OAuth
callback, no API documentation and no `Access-Control-Allow-Origin: *`.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.constants import PROJECT_DESCRIPTION, PROJECT_NAME

ASSETS = Path(__file__).parent / "assets"

SESSION_TIMEOUT_SECONDS = 60
"""How long a page that lost its connection is kept; a reload within it goes on where it was."""

_started = False


class FletServer:
    """Loads Flet with the first request: a start does not wait for it."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if self._app is None:
            # Not in a thread, though it takes a moment: a thread's own heap would stay for good.
            self._app = build_flet_app()
            await start_flet()
        await self._app(scope, receive, send)


async def start_flet() -> None:
    """Let Flet evict sessions: nobody calls the lifespan of a mounted application."""
    global _started
    from flet_web.fastapi import app_manager

    _started = True
    await app_manager.start()


def build_flet_app() -> ASGIApp:
    """Import Flet and assemble its application."""
    import flet as ft
    from flet_web.fastapi import FletStaticFiles, app_manager
    from starlette.applications import Starlette
    from starlette.routing import Mount, WebSocketRoute
    from starlette.websockets import WebSocket

    from app.components.frontend.connection import BrowserConnection
    from app.components.frontend.opening import Opening
    from app.components.frontend.refresh import RefreshLoop
    from app.components.frontend.session import DashboardSession

    # Flet logs the ids of sessions, and an id is all that it takes to resume one.
    for name in ("flet", "flet_web.fastapi"):
        logging.getLogger(name).setLevel(logging.WARNING)

    refresh_loop = RefreshLoop()

    async def main(page: ft.Page) -> None:
        await DashboardSession(page, refresh_loop).start()

    async def connect(websocket: WebSocket) -> None:
        connection = BrowserConnection(
            loop=asyncio.get_running_loop(),
            executor=app_manager.executor,
            main=main,
            before_main=None,
            session_timeout_seconds=SESSION_TIMEOUT_SECONDS,
        )
        await connection.handle(websocket)

    files = FletStaticFiles(
        assets_dir=str(ASSETS),
        app_name=PROJECT_NAME,
        app_short_name=PROJECT_NAME,
        app_description=PROJECT_DESCRIPTION,
        # Works without internet.
        no_cdn=True,
    )
    return Starlette(routes=[WebSocketRoute("/ws", connect), Mount("/", Opening(files))])


@asynccontextmanager
async def serving() -> AsyncGenerator[None]:
    """Clean up after Flet, if it was loaded."""
    try:
        yield
    finally:
        if _started:
            from flet_web.fastapi import app_manager

            await app_manager.shutdown()

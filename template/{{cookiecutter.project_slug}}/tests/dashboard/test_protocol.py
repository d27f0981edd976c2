"""The websocket, as the browser speaks it."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import msgpack
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession
from starlette.types import Message, Receive, Send
from structlog.testing import capture_logs

from app.components.frontend import dashboard_lifespan, mount_dashboard, opening, theme
from app.components.frontend.door import TokenDoor
from app.services.metrics import metrics

OWN = {"Origin": "http://testserver"}
REGISTER = 1


def introduction(route: str = "/", session_id: str = "") -> bytes:
    """What the browser says first."""
    page = {"route": route, "width": 1400, "height": 900, "platform_brightness": "dark"}
    body = {"session_id": session_id, "page_name": "dashboard", "page": page}
    return b"\x00" + msgpack.packb([REGISTER, body])


def register(socket: WebSocketTestSession, route: str = "/", session_id: str = "") -> None:
    """Introduce ourselves as the browser does."""
    socket.send_bytes(introduction(route, session_id))


def messages(socket: WebSocketTestSession) -> Iterator[Any]:
    """What the server sends."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        data = socket.receive_bytes()
        yield msgpack.unpackb(data[1:], strict_map_key=False, ext_hook=lambda _code, raw: raw)


def wait_for(socket: WebSocketTestSession, text: str) -> None:
    """Wait until the server sends a text."""
    if not any(text in repr(message) for message in messages(socket)):
        raise AssertionError(f"The server did not send {text!r}.")


async def serve(receive: Receive, send: Send) -> None:
    """Have the dashboard serve a websocket until that ends."""
    app = FastAPI()
    mount_dashboard(app, TokenDoor())
    scope = {
        "type": "websocket",
        "path": "/dashboard/ws",
        "headers": [(b"host", b"testserver"), (b"origin", b"http://testserver")],
        "query_string": b"",
    }
    await asyncio.wait_for(app(scope, receive, send), 90)


def test_the_overview_is_sent_and_kept_up_to_date(client: TestClient) -> None:
    with client.websocket_connect("/dashboard/ws", headers=OWN) as socket:
        register(socket)
        wait_for(socket, "Recent requests")
        metrics.count_request(200, 0.003)
        wait_for(socket, f"{metrics.requests_total:,} so far")


@pytest.mark.parametrize("path", ["/dashboard/", "/dashboard/activity"])
def test_a_page_opens_without_a_flash_and_asks_nobody_else(client: TestClient, path: str) -> None:
    page = client.get(path)
    assert int(page.headers["Content-Length"]) == len(page.content)
    assert page.content.count(opening.HEAD) == 1
    assert client.get("/dashboard/flutter.js").content.count(opening.HEAD) == 0
    for background in (theme.DARK_THEME.scaffold_bgcolor, theme.LIGHT_THEME.scaffold_bgcolor):
        assert f"--back: {background};".encode() in opening.HEAD


def test_a_route_can_be_opened_directly(client: TestClient) -> None:
    with client.websocket_connect("/dashboard/ws", headers=OWN) as socket:
        register(socket, "/components/backend")
        wait_for(socket, "Health check")


def test_a_session_is_resumed_after_a_lost_connection(client: TestClient) -> None:
    with client.websocket_connect("/dashboard/ws", headers=OWN) as socket:
        register(socket)
        session_id = next(messages(socket))[1]["session_id"]
        wait_for(socket, "Recent requests")
    with client.websocket_connect("/dashboard/ws", headers=OWN) as socket:
        register(socket, session_id=session_id)
        assert next(messages(socket))[1]["session_id"] == session_id


async def test_who_leaves_before_the_introduction_leaves_nothing_behind() -> None:
    """Flet would wait for such a client for ever, and the server for Flet when it stops."""
    received = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1001}])
    sent: list[Message] = []

    async def receive() -> Message:
        return next(received)

    async def send(message: Message) -> None:
        sent.append(message)

    async with dashboard_lifespan():
        await serve(receive, send)
    assert [message["type"] for message in sent] == ["websocket.accept"]


async def test_who_leaves_while_being_told_something_leaves_nothing_behind() -> None:
    """Else Flet would go on to fill the queue of somebody who is not there, once a second."""
    received = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "bytes": introduction()},
    ]
    lost = asyncio.Event()

    async def receive() -> Message:
        if received:
            return received.pop(0)
        await lost.wait()
        return {"type": "websocket.disconnect", "code": 1006}

    async def send(message: Message) -> None:
        if b"Recent requests" in message.get("bytes", b""):
            lost.set()
            raise OSError("The other end is gone.")

    async with dashboard_lifespan():
        with capture_logs() as logged:
            await serve(receive, send)
            await asyncio.sleep(0)
    assert lost.is_set()
    assert logged == []

"""What one client, or all of them together, can take: requests, bodies, headers, time."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from httpx2 import ASGITransport, AsyncClient
from starlette.types import ASGIApp

from app.components.backend.main import create_app
from app.core.config import Settings
from app.entrypoints import http

MakeSettings = Callable[..., Settings]
LIMIT = 1000


@contextmanager
def serving(app: ASGIApp) -> Generator[int]:
    """Serve an application as the web process does; gives the port."""
    config = uvicorn.Config(
        app,
        port=0,
        http=http.BoundedProtocol,
        log_config=None,
        lifespan="off",
        access_log=False,
        timeout_keep_alive=600,  # longer than anybody waits here: the limits of ours end it
    )
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def talk(port: int, *pieces: bytes) -> bytes:
    """Send pieces; return all that comes until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=90) as connection:
        received = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
            while data := connection.recv(65536):
                received += data
        except ConnectionError:
            pass
        return received


@pytest.fixture
def app(settings: MakeSettings) -> FastAPI:
    """An application with narrow limits."""
    app = create_app(settings(WEB_MAX_BODY_BYTES=str(LIMIT), WEB_MAX_REQUESTS="2"))

    @app.post("/tests/length")
    async def length(data: dict[str, str]) -> int:
        return len(data)

    @app.post("/tests/stream")
    async def stream(request: Request) -> int:
        return sum([len(piece) async for piece in request.stream()])

    @app.post("/healthy/stream")
    @app.post("/dashboards/stream")
    async def alike(request: Request) -> int:
        return await stream(request)

    return app


def body_of(size: int) -> bytes:
    """JSON of that many bytes."""
    return json.dumps({"a": "x" * (size - len('{"a": ""}'))}).encode()


@pytest.mark.parametrize(("size", "status"), [(LIMIT, 200), (LIMIT + 1, 413)])
@pytest.mark.parametrize(
    "path", ["/tests/length", "/tests/stream", "/healthy/stream", "/dashboards/stream"]
)
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_has_a_largest_size(
    app: FastAPI, size: int, status: int, path: str, announced: bool
) -> None:
    body = body_of(size)
    content = body if announced else iter([body[:600], body[600:]])
    headers = {"Content-Type": "application/json"}
    response = TestClient(app).post(path, content=content, headers=headers)
    assert response.status_code == status
    if status == 413:
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.headers["Connection"] == "close"


def test_a_body_must_end_in_time(settings: MakeSettings) -> None:
    app = create_app(settings(WEB_BODY_SECONDS="0.2"))

    @app.post("/tests/length")
    async def length(data: dict[str, str]) -> int:
        return len(data)

    head = b"POST /tests/length HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    with serving(app) as port:
        received = talk(port, head + b"Content-Length: 20\r\n\r\n", b'{"a":')
    assert received.startswith(b"HTTP/1.1 408 ")


def test_headers_must_end_in_time(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "HEADER_SECONDS", 0.2)
    with serving(app) as port:
        assert talk(port) == b""
        assert talk(port, b"GET /health HTTP/1.1\r\nHost: x\r\n") == b""


def test_the_second_headers_of_a_connection_must_end_in_time_too(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = b"GET /health HTTP/1.1\r\nHost: x\r\n"
    with (
        serving(app) as port,
        socket.create_connection(("127.0.0.1", port), timeout=90) as connection,
    ):
        connection.sendall(head + b"\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        monkeypatch.setattr(http, "HEADER_SECONDS", 0.2)
        connection.sendall(head)
        with suppress(ConnectionError):
            # Until the server closes the connection.
            while connection.recv(65536):
                pass


def test_headers_that_begin_in_the_piece_of_another_request_must_end_in_time_too(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "HEADER_SECONDS", 0.2)
    head = b"GET /health HTTP/1.1\r\nHost: x\r\n"
    with serving(app) as port:
        assert talk(port, head + b"\r\n" + head).count(b"HTTP/1.1 200 ") == 1


def test_a_request_that_comes_in_one_piece_sets_no_timer(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One for the connection is enough: a timer for each request costs time."""
    timers = []

    class Counting(http.BoundedProtocol):
        def _set_deadline(self) -> None:
            timers.append(self)
            super()._set_deadline()

    monkeypatch.setattr(http, "BoundedProtocol", Counting)
    with (
        serving(app) as port,
        closing(HTTPConnection("127.0.0.1", port, timeout=90)) as connection,
    ):
        for _ in range(3):
            connection.request("GET", "/health")
            with connection.getresponse() as answer:
                assert answer.status == 200
                answer.read()
    assert len(timers) == 1


def test_headers_have_a_largest_size(app: FastAPI) -> None:
    head = b"GET /health HTTP/1.1\r\nHost: x\r\nX-Much: "
    with serving(app) as port:
        assert talk(port, head, *[b"x" * 1000] * 100) == b""
        small = talk(port, head + b"x" * 1000 + b"\r\nConnection: close\r\n\r\n")
    assert small.startswith(b"HTTP/1.1 200 ")


def test_a_large_body_does_not_count_as_headers(settings: MakeSettings) -> None:
    app = create_app(settings())

    @app.post("/tests/stream")
    async def stream(request: Request) -> int:
        return sum([len(piece) async for piece in request.stream()])

    size = 3 * http.HEADER_BYTES
    head = f"POST /tests/stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {size}"
    with serving(app) as port:
        received = talk(port, head.encode() + b"\r\n\r\n" + b"x" * size)
    assert received.endswith(str(size).encode())


async def test_with_too_much_to_do_new_requests_are_refused_and_health_is_answered(
    app: FastAPI,
) -> None:
    both, go = asyncio.Barrier(3), asyncio.Event()

    @app.get("/tests/wait")
    async def wait() -> None:
        await both.wait()
        await go.wait()

    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        running = [asyncio.create_task(client.get("/tests/wait")) for _ in range(2)]
        await both.wait()
        refused = await client.get("/nowhere")
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "1"
        assert (await client.get("/health")).status_code == 200
        go.set()
        assert [r.status_code for r in await asyncio.gather(*running)] == [200, 200]
        assert (await client.get("/nowhere")).status_code == 404

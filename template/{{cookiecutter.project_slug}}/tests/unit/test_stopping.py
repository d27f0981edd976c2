"""The web process when it is told to stop: requests end, and load balancers hear of it first."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from app.core.stopping import Stopping
from tests.e2e.server import Server

CODE = """
import asyncio, time
from fastapi.responses import StreamingResponse
from app.components.backend import main
from app.core.stopping import stopping

create = main.create_app

def create_app():
    app = create()

    sleeping = []

    @app.get("/tests/sleep/{seconds}")
    async def sleep(seconds: float) -> str:
        sleeping.append(seconds)
        await asyncio.sleep(seconds)
        return "done"

    @app.get("/tests/sleeping")
    async def count() -> int:
        return len(sleeping)

    async def endless():
        while True:
            yield "tick "
            await asyncio.sleep(0.05)

    @app.get("/tests/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(stopping.until(endless()))

    return app

main.create_app = create_app
from app.entrypoints.webserver import main
main()
"""


@pytest.fixture
def web(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A web process with the settings of the test."""
    web = Server(**request.param)
    web.command = [sys.executable, "-c", CODE]
    web.start()
    yield web
    web.stop()


async def begun(client: httpx2.AsyncClient) -> None:
    """Return when a request is being answered."""
    while not (await client.get("/tests/sleeping")).json():
        pass


@pytest.mark.parametrize("web", [{"WEB_STOP_SECONDS": "30"}], indirect=True)
async def test_requests_and_streams_end_whole(
    web: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    async with httpx2.AsyncClient(base_url=web.url, timeout=60) as client:
        async with client.stream("GET", "/tests/stream") as stream:
            ticks = stream.aiter_text()
            await anext(ticks)
            request = asyncio.create_task(client.get("/tests/sleep/1"))
            await begun(client)
            web.tell(signal.SIGTERM)
            # Had it been cut, this would raise.
            _ = [tick async for tick in ticks]
        assert (await request).json() == "done"
    # Not 143, which looks like a failure to who watches exit statuses.
    assert web.wait(60) == 0
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    "web", [{"WEB_STOP_SECONDS": "1", "WEB_DRAIN_SECONDS": "1"}], indirect=True
)
async def test_a_request_that_takes_longer_is_told_to_try_again(
    web: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    async with httpx2.AsyncClient(base_url=web.url, timeout=60) as client:
        request = asyncio.create_task(client.get("/tests/sleep/50"))
        await begun(client)
        web.tell(signal.SIGTERM)
        response = await request
    assert response.status_code == 503
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Retry-After"] == "1"
    web.wait(60)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("web", [{"WEB_DRAIN_SECONDS": "60"}], indirect=True)
def test_load_balancers_hear_of_it_while_requests_are_still_answered(web: Server) -> None:
    def get(path: str) -> httpx2.Response:
        # A new connection each time: a load balancer's, and a client's.
        return httpx2.get(f"{web.url}{path}", timeout=60)

    assert get("/health/ready").status_code == 200
    web.tell(signal.SIGTERM)
    while (ready := get("/health/ready")).status_code == 200:
        pass
    assert ready.status_code == 503
    assert ready.json()["stopping"] is True
    assert get("/tests/sleep/0").json() == "done"
    # Whoever asks again does not want to wait for the rest.
    web.tell(signal.SIGTERM)
    web.wait(60)
    with pytest.raises(httpx2.TransportError):
        get("/health/ready")


async def test_a_stream_that_waits_for_its_next_item_ends_too() -> None:
    stopping = Stopping()

    async def items() -> AsyncIterator[int]:
        yield 1
        await asyncio.Event().wait()
        yield 2

    async def collect() -> list[int]:
        return [item async for item in stopping.until(items())]

    collecting = asyncio.create_task(collect())
    await asyncio.sleep(0)
    stopping.begin()
    assert await asyncio.wait_for(collecting, 60) == [1]


async def test_signals_are_listened_to() -> None:
    stopping = Stopping()
    told = stopping.listen()
    try:
        signal.raise_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            await told.wait()
        assert stopping.begun
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(number)

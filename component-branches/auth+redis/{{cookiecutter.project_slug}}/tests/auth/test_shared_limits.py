"""Processes count tries together, and apart while Redis is away."""

import asyncio
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from app.core.errors import TooManyRequestsError
from app.core.redis import make_client, use_redis
from app.core.redis_server import ServerProcess, find_program
from app.services.auth import shared_counts, throttle
from tests.cache.test_redis import nobody

ANOTHER_PROCESS = """
import asyncio
from app.services.auth import shared_counts
from tests.auth.test_shared_limits import passing
shared_counts.PATIENCE_SECONDS = 60.0
print(asyncio.run(passing(4)))
"""


async def passing(tries: int) -> int:
    """How many of so many tries pass, where five an hour may."""

    async def attempt() -> bool:
        try:
            await throttle.by_account("test", "5/hour", "ada@example.com")
        except TooManyRequestsError:
            return False
        return True

    return sum(await asyncio.gather(*(attempt() for _ in range(tries))))


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a Redis that is there may be slow to answer."""
    monkeypatch.setattr(shared_counts, "PATIENCE_SECONDS", 60.0)


@pytest.fixture
async def server(redis_server_url: str) -> AsyncIterator[Redis]:
    """A Redis that other processes see."""
    async with use_redis(make_client(redis_server_url)) as client:
        await client.flushdb()
        yield client


async def test_of_many_at_once_no_more_pass_than_may(server: Redis) -> None:
    assert await passing(200) == 5


async def test_two_processes_count_together(server: Redis, redis_server_url: str) -> None:
    assert await passing(3) == 3
    other = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", ANOTHER_PROCESS],
        env=os.environ | {"REDIS_URL": redis_server_url},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(other.stdout) == 2
    assert await passing(1) == 0


async def test_redis_knows_no_addresses_and_forgets_in_time(server: Redis) -> None:
    assert await passing(1) == 1
    [key] = map(str, await server.keys())
    assert key.startswith("auth:tries:")
    assert "ada" not in key
    assert 0 < await server.ttl(key) <= 3600


async def test_without_redis_each_process_counts_for_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with use_redis(make_client(nobody())):
        with caplog.at_level(logging.WARNING):
            assert await passing(20) == 5
            assert await passing(20) == 0
    assert "auth_limits_not_shared" in caplog.messages


async def test_a_redis_that_hangs_delays_nobody_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    monkeypatch.setattr(shared_counts, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(shared_counts, "ASK_AGAIN_SECONDS", 3600.0)
    listening = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with listening:
        url = f"redis://127.0.0.1:{listening.sockets[0].getsockname()[1]}/0"
        async with use_redis(make_client(url)), asyncio.timeout(30):
            # The second one does not even ask.
            assert await passing(1) == 1
            monkeypatch.setattr(shared_counts, "PATIENCE_SECONDS", 60.0)
            assert await passing(5) == 4


async def test_a_redis_that_comes_back_counts_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if (program := find_program()) is None:
        pytest.skip("needs redis-server")
    monkeypatch.setattr(shared_counts, "ASK_AGAIN_SECONDS", 0.0)
    # Not in the test's folder: the path of a socket must be short.
    place = tempfile.TemporaryDirectory(prefix="redis-", ignore_cleanup_errors=True)
    socket = Path(place.name) / "redis.sock"
    server = ServerProcess(program, socket, tmp_path)
    try:
        server.wait_until_ready()
        async with use_redis(make_client(f"unix://{socket}?db=0")) as client:
            assert await passing(2) == 2
            server.stop()
            assert await passing(6) == 5
            server = ServerProcess(program, socket, tmp_path)
            server.wait_until_ready()
            assert await passing(1) == 1
            assert len(await client.keys()) == 1
    finally:
        server.stop()
        place.cleanup()

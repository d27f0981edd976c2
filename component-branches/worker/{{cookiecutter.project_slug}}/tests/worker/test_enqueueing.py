"""A connection that breaks in the middle of enqueueing: the job is there once, whatever Redis had heard of it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NoConnectionError

from app.core.queues import find_queue
from app.core.redis import make_client, use_redis
from app.services.queues.pool import QueuePool, make_queue_pool

SYSTEM = find_queue("system")


class Breaking:
    """Stands between a client and Redis, and breaks connections."""

    def __init__(self, server: str) -> None:
        self.path = server.removeprefix("unix://").partition("?")[0]
        self.at = b""
        """What a client says when its connection breaks."""
        self.is_heard = False
        """Whether Redis still hears that."""
        self.times = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what is said, in both directions."""
        their_reader, their_writer = await asyncio.open_unix_connection(self.path)
        back = asyncio.create_task(copy(their_reader, writer))
        while said := await reader.read(65536):
            breaks = self.times > 0 and self.at in said
            if breaks:
                self.times -= 1
                back.cancel()
                with suppress(asyncio.CancelledError):
                    await back
            if not breaks or self.is_heard:
                their_writer.write(said)
            if breaks:
                if self.is_heard:
                    await their_reader.read(1)
                break
        for one in (writer, their_writer):
            one.close()
            with suppress(OSError):
                await one.wait_closed()
        back.cancel()


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what Redis says."""
    while said := await reader.read(65536):
        writer.write(said)


@pytest.fixture
async def redis(redis_server_url: str) -> AsyncIterator[Redis]:
    """What Redis holds."""
    if not redis_server_url.startswith("unix:"):
        pytest.skip("needs a server of its own")
    async with use_redis(make_client(redis_server_url)) as client:
        await client.flushdb()
        yield client


@asynccontextmanager
async def broken(url: str) -> AsyncGenerator[tuple[Breaking, QueuePool]]:
    """A pool whose connections break."""
    breaking = Breaking(url)
    async with await asyncio.start_server(breaking.serve, "127.0.0.1", 0) as server:
        address = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
        async with use_redis(make_client(address)):
            pool = make_queue_pool(SYSTEM)
            await pool.ping()
            yield breaking, pool
            await pool.aclose()


@pytest.mark.parametrize("is_heard", [True, False], ids=["heard", "not heard"])
@pytest.mark.parametrize("at", [b"EXISTS", b"EXEC"])
async def test_a_job_is_enqueued_once(
    at: bytes, is_heard: bool, redis: Redis, redis_server_url: str
) -> None:
    async with broken(redis_server_url) as (breaking, pool):
        breaking.at, breaking.is_heard, breaking.times = at, is_heard, 1
        job = await pool.enqueue_job("report_health")
        assert breaking.times == 0
    assert job is not None
    assert await redis.zrange(SYSTEM.key, 0, -1) == [job.job_id]
    assert await redis.exists(f"arq:job:{job.job_id}")


async def test_a_job_of_that_id_is_still_one(redis: Redis, redis_server_url: str) -> None:
    async with broken(redis_server_url) as (breaking, pool):
        breaking.at, breaking.is_heard, breaking.times = b"EXEC", False, 1
        assert await pool.enqueue_job("report_health", _job_id="once") is not None
        assert await pool.enqueue_job("report_health", _job_id="once") is None
    assert await redis.zrange(SYSTEM.key, 0, -1) == ["once"]


async def test_who_cannot_enqueue_a_job_is_told(redis: Redis, redis_server_url: str) -> None:
    async with broken(redis_server_url) as (breaking, pool):
        breaking.at, breaking.times = b"EXEC", 1000
        with pytest.raises(NoConnectionError):
            await pool.enqueue_job("report_health")
    assert await redis.zcard(SYSTEM.key) == 0

"""Connections to the queues."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool

from app.core.queues import Queue, find_queue
from app.core.redis import make_pool
from app.services.queues.serialization import dump, load

_shared: list[ConnectionPool] = []


async def get_queue_pool(name: str) -> tuple[ArqRedis, str]:
    """A pool whose jobs land on this queue, and what the queue is called in Redis.

        pool, _ = await get_queue_pool("system")
        await pool.enqueue_job("send_report", 7)
        await pool.aclose()

    Raises:
        NotFoundError: There is no such queue.
    """
    queue = find_queue(name)
    return make_queue_pool(queue, _shared[-1] if _shared else None), queue.key


def make_queue_pool(queue: Queue, connections: ConnectionPool | None = None) -> ArqRedis:
    """A pool of a queue: on these connections, or on some of its own, which end with it."""
    pool = ArqRedis(
        connections or make_pool(decode_responses=False),
        job_serializer=dump,
        job_deserializer=load,
        default_queue_name=queue.key,
    )
    pool.auto_close_connection_pool = connections is None
    return pool


@asynccontextmanager
async def queue_connections() -> AsyncGenerator[None]:
    """Let all pools of this process share connections as long as it runs."""
    connections = make_pool(decode_responses=False)
    _shared.append(connections)
    try:
        yield
    finally:
        _shared.remove(connections)
        await connections.disconnect()

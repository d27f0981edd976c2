"""Connections to the queues."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from arq.constants import result_key_prefix
from arq.jobs import Job
from redis.asyncio import ConnectionPool

from app.core.logging import get_logger
from app.core.queues import Queue, find_queue
from app.core.redis import make_pool
from app.services.queues.enqueueing import QueueRedis
from app.services.queues.serialization import dump, load

log = get_logger(__name__)

NO_KEY = -2
"""What Redis answers for the time of what is not there."""

_shared: list[ConnectionPool] = []


class QueuePool(QueueRedis):
    """arq's pool, which says why it does not enqueue a job."""

    async def enqueue_job(
        self,
        function: str,
        *args: Any,
        _job_id: str | None = None,
        _again: bool = False,
        **options: Any,
    ) -> Job | None:
        """Enqueue a job, as arq does; None when there is one of that id.

        arq knows an id as long as the result of its job is kept (`keep_result`, an hour), so that a message
        that comes twice does nothing twice. `_again`: once the job is done, its id is free.
        """
        result = result_key_prefix + (_job_id or "")
        if _job_id and _again:
            await self.delete(result)
        job = await super().enqueue_job(function, *args, _job_id=_job_id, **options)
        if job is None:
            seconds = await self.ttl(result)
            reason = "it waits or runs"
            if seconds != NO_KEY:
                reason = f"it is done, and its result is kept (for {seconds} s); see `_again`"
            log.info("job_not_enqueued", function=function, job_id=_job_id, reason=reason)
        return job


async def get_queue_pool(name: str) -> tuple[QueuePool, str]:
    """A pool whose jobs land on this queue, and what the queue is called in Redis.

        pool, _ = await get_queue_pool("system")
        await pool.enqueue_job("send_report", 7)
        await pool.aclose()

    Raises:
        NotFoundError: There is no such queue.
    """
    queue = find_queue(name)
    return make_queue_pool(queue, _shared[-1] if _shared else None), queue.key


def make_queue_pool(queue: Queue, connections: ConnectionPool | None = None) -> QueuePool:
    """A pool of a queue: on these connections, or on some of its own, which end with it."""
    pool = QueuePool(
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

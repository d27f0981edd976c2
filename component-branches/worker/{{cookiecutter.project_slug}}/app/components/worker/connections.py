"""A worker's connections to Redis: they outlive it, and show only those jobs that nobody has begun."""

from collections.abc import Callable, Collection
from typing import Any

from arq.constants import in_progress_key_prefix
from redis.asyncio import ConnectionPool
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError
from redis.exceptions import TimeoutError as NoAnswerError

from app.core.queues import Queue
from app.core.redis import is_embedded, make_pool
from app.services.queues.enqueueing import QueueRedis
from app.services.queues.serialization import dump, load

LOST = (RedisError, OSError)
"""What says that Redis is gone, or that it cannot work right now."""

PASSING = [NoConnectionError, NoAnswerError, OSError, OutOfMemoryError, ReadOnlyError]
FOREVER = -1


class PatientPool(ConnectionPool):
    """Waits until a connection can be had.

    A pool looks whether a connection is good before it gives it away. What is wrong with it then comes before the
    command, where redis-py tries nothing again: a job would be done, and nobody told, so that it is done again.
    """

    async def get_connection(self, *args: Any, **options: Any) -> Any:
        """A connection that is good, at this moment."""
        get = super().get_connection
        return await patience().call_with_retry(lambda: get(*args, **options), next_one)


class WorkerRedis(QueueRedis):
    """What arq works with."""

    held: Callable[[], Collection[str]] = frozenset
    """The jobs that this worker has begun and not yet reported."""

    async def zrangebyscore(self, name: Any, min: Any, max: Any, **options: Any) -> Any:  # noqa: A002
        """The jobs of a queue that are due; those that somebody runs are passed over.

        arq asks for the first ones and then, with four messages for each of them, whether it runs
        already. Where many run, it would ask for nothing else, and never see those behind them.

        What this worker holds is passed over as well, whatever Redis says: when Redis was away for longer
        than a killed worker is waited for, nothing there tells any more that its jobs were begun.
        """
        while True:
            found = await super().zrangebyscore(name, min, max, **options)
            if not found:
                return found
            owners = await self.mget([in_progress_key_prefix + job.decode() for job in found])
            held = self.held()
            free = [
                job
                for job, owner in zip(found, owners, strict=True)
                if owner is None and job.decode() not in held
            ]
            if free or "num" not in options or len(found) < options["num"]:
                return free
            options["num"] *= 2

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        """Several commands in one message."""
        kind = EmbeddedPipeline if is_embedded() else Pipeline
        return kind(self.connection_pool, self.response_callbacks, transaction, shard_hint)


class EmbeddedPipeline(Pipeline):
    """arq logs at its start what INFO says, which the embedded Redis does not know."""

    def info(self, *args: Any, **options: Any) -> Any:
        """Nothing."""
        return self.hgetall("info")


def make_worker_redis(queue: Queue) -> WorkerRedis:
    """Connections for a worker.

    While Redis is gone, a command waits and is sent again: a worker has nothing better to do, and what
    its jobs have done meanwhile must be told. There is no limit of time for each answer; that takes a
    tenth of what a worker can do, and before Python 3.12 it lets a cancellation get lost.
    """
    connections = make_pool(
        PatientPool,
        decode_responses=False,
        socket_timeout=None,
        retry=patience(),
        retry_on_error=PASSING,
    )
    redis = WorkerRedis(
        connections, job_serializer=dump, job_deserializer=load, default_queue_name=queue.key
    )
    redis.auto_close_connection_pool = True
    return redis


def patience() -> Retry:
    """Tries again and again, after two seconds at most."""
    again = Retry(ExponentialBackoff(cap=2, base=0.05), retries=FOREVER)
    again.update_supported_errors(PASSING)
    return again


async def next_one(error: Exception) -> None:
    """Nothing is left to do for a connection that was no good: its pool has closed it."""

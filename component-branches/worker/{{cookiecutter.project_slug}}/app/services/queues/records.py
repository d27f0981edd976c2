"""What workers leave in Redis for everybody else, and for later: totals, failures, signs of life.

It survives restarts of workers, and those of Redis as far as the jobs themselves do.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import ceil

from arq.connections import ArqRedis
from pydantic import ValidationError

from app.core.config import settings
from app.core.queues import Queue, find_queue, queues
from app.core.redis import redis_client
from app.services.queues.models import FailedJob, QueueState, WorkerInfo

LATELY = timedelta(hours=1)
TOLD_SECONDS = 24 * 3600


def totals_key(queue: Queue) -> str:
    """A hash: how many jobs are done, failed and repeated."""
    return f"worker:totals:{queue.name}"


def failed_key(queue: Queue) -> str:
    """Jobs that have failed, by the time of their failure."""
    return f"worker:failed:{queue.name}"


def workers_key(queue: Queue) -> str:
    """The ids of the workers. Each has a key of its own, which ends when nobody renews it."""
    return f"worker:alive:{queue.name}"


def worker_key(queue: Queue, worker: str) -> str:
    """The sign of life of one of them."""
    return f"{workers_key(queue)}:{worker}"


def told_key(queue: Queue, worker: str) -> str:
    """A hash: how much of what a worker has counted is in the totals."""
    return f"worker:told:{queue.name}:{worker}"


async def keep_failure(redis: ArqRedis, queue: Queue, job: FailedJob) -> None:
    """Remember a failure; the oldest ones go."""
    async with redis.pipeline(transaction=True) as pipeline:
        pipeline.zadd(failed_key(queue), {job.model_dump_json(): job.failed_at.timestamp()})
        pipeline.zremrangebyrank(failed_key(queue), 0, -settings.WORKER_FAILED_KEPT - 1)
        await pipeline.execute()


async def add_counts(redis: ArqRedis, queue: Queue, worker: str, counts: Mapping[str, int]) -> None:
    """Add to the totals what this worker has counted since it told the last time.

    What it has told is written with the totals: when an answer gets lost, nothing counts twice.
    """
    told_here = told_key(queue, worker)
    async with redis.pipeline(transaction=True) as pipeline:
        # While it watches, no command is sent again by itself.
        await pipeline.watch(told_here)
        told = await pipeline.hgetall(told_here)
        pipeline.multi()
        for name, count in counts.items():
            if new := count - int(told.get(name.encode(), 0)):
                pipeline.hincrby(totals_key(queue), name, new)
                pipeline.hset(told_here, name, count)
        pipeline.expire(told_here, TOLD_SECONDS)
        await pipeline.execute()


async def leave_sign(redis: ArqRedis, queue: Queue, worker: WorkerInfo, seconds: float) -> None:
    """Leave a sign of life that lasts so long."""
    async with redis.pipeline(transaction=True) as pipeline:
        key = worker_key(queue, worker.id)
        pipeline.psetex(key, int(seconds * 1000), worker.model_dump_json())
        pipeline.sadd(workers_key(queue), worker.id)
        await pipeline.execute()


async def take_sign_back(redis: ArqRedis, queue: Queue, worker: str) -> None:
    """Say goodbye."""
    async with redis.pipeline(transaction=True) as pipeline:
        pipeline.delete(worker_key(queue, worker), told_key(queue, worker))
        pipeline.srem(workers_key(queue), worker)
        await pipeline.execute()


async def read_queues() -> list[QueueState]:
    """All queues as they are now."""
    return [await read_queue(queue) for queue in queues()]


async def read_queue(queue: Queue) -> QueueState:
    """A queue as it is now."""
    client = redis_client()
    now = datetime.now(UTC)
    async with client.pipeline(transaction=False) as pipeline:
        # Up, for arq rounds the time of a job that has just been enqueued.
        pipeline.zcount(queue.key, "-inf", ceil(now.timestamp() * 1000))
        pipeline.zcard(queue.key)
        pipeline.hgetall(totals_key(queue))
        pipeline.zcount(failed_key(queue), (now - LATELY).timestamp(), "+inf")
        pipeline.smembers(workers_key(queue))
        due, all_jobs, totals, failed_lately, ids = await pipeline.execute()
    workers = await read_workers(queue, sorted(ids))
    running = sum(worker.running for worker in workers)
    return QueueState(
        name=queue.name,
        # A job that runs stays in the queue until it has ended.
        waiting=max(0, due - running),
        running=running,
        deferred=all_jobs - due,
        workers=workers,
        done=int(totals.get("done", 0)),
        failed=int(totals.get("failed", 0)),
        repeated=int(totals.get("repeated", 0)),
        failed_lately=failed_lately,
    )


async def read_workers(queue: Queue, ids: list[str]) -> list[WorkerInfo]:
    """Those of the workers that are alive; the others are forgotten."""
    if not ids:
        return []
    client = redis_client()
    found = await client.mget([worker_key(queue, worker) for worker in ids])
    gone = [worker for worker, text in zip(ids, found, strict=True) if text is None]
    if gone:
        async with client.pipeline(transaction=False) as pipeline:
            pipeline.srem(workers_key(queue), *gone)
            await pipeline.execute()
    return [WorkerInfo.model_validate_json(text) for text in found if text is not None]


async def failed_jobs(limit: int | None = 50, queue: str | None = None) -> list[FailedJob]:
    """The latest failures, the newest first; all of them without a limit."""
    found: list[FailedJob] = []
    last = limit - 1 if limit is not None else -1
    for known in queues():
        if queue in (None, known.name):
            for text in await redis_client().zrevrange(failed_key(known), 0, last):
                try:
                    found.append(FailedJob.model_validate_json(text))
                except ValidationError:
                    continue  # An older version of this application wrote it.
    return sorted(found, key=lambda job: job.failed_at, reverse=True)[:limit]


async def forget_failed_job(job: FailedJob) -> None:
    """Remove one failure; the totals stay."""
    await redis_client().zrem(failed_key(find_queue(job.queue)), job.model_dump_json())


async def forget_failed_jobs(queue: str | None = None, *, before: datetime | None = None) -> int:
    """Remove failures, all or those before a time; return how many there were."""
    until = before.timestamp() if before else "+inf"
    count = 0
    for known in queues():
        if queue in (None, known.name):
            count += await redis_client().zremrangebyscore(failed_key(known), "-inf", until)
    return count

"""Starts load tests and follows them. What is known of a test is in Redis, for an hour."""

import asyncio
import time
from datetime import UTC, datetime
from uuid import uuid4

from app.core.errors import ConflictError, NotFoundError
from app.core.redis import redis_client
from app.services.load_test.models import (
    Latency,
    LoadJob,
    LoadTest,
    LoadTestReport,
    LoadTestRequest,
)
from app.services.load_test.work import do
from app.services.queues import get_queue_pool

QUEUE = "load_test"
KEPT_SECONDS = 3600
LONGEST_SECONDS = 600
"""After so long a test that has not ended no longer keeps another one from starting."""
AT_ONCE = 50

CURRENT = "load_test:current"


def test_key(test: str) -> str:
    """The test itself."""
    return f"load_test:{test}"


def ends_key(test: str) -> str:
    """A hash: for each job that has ended when that was, how long it took, and whether it worked."""
    return f"load_test:{test}:ends"


async def start_load_test(request: LoadTestRequest) -> LoadTest:
    """Start a test; a worker enqueues its jobs.

    Raises:
        ConflictError: Another one is running.
    """
    client = redis_client()
    values = request.model_dump()
    test = LoadTest(**values, id=uuid4().hex[:12], started_at=datetime.now(UTC))
    if not await client.set(CURRENT, test.id, nx=True, ex=LONGEST_SECONDS):
        raise ConflictError(f"A load test is running: {await client.get(CURRENT)}")
    await client.set(test_key(test.id), test.model_dump_json(), ex=KEPT_SECONDS)
    pool, _ = await get_queue_pool(QUEUE)
    try:
        await pool.enqueue_job("spread_load", test.model_dump(mode="json"), _job_id=test.id)
    finally:
        await pool.aclose()
    return test


async def spread(test: LoadTest) -> None:
    """Enqueue the jobs of a test. Their ids say which they are: doing it twice does no harm."""
    pool, _ = await get_queue_pool(QUEUE)
    try:
        for first in range(0, test.jobs, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, test.jobs))
            jobs = [make_job(test, number) for number in numbers]
            await asyncio.gather(
                *(
                    pool.enqueue_job(
                        "run_load_job",
                        job.model_dump(mode="json"),
                        _job_id=f"{test.id}:{job.number}",
                    )
                    for job in jobs
                )
            )
    finally:
        await pool.aclose()


def make_job(test: LoadTest, number: int) -> LoadJob:
    """A job of a test."""
    return LoadJob(
        test=test.id,
        number=number,
        total=test.jobs,
        kind=test.kind,
        duration_ms=test.duration_ms,
        memory_mb=test.memory_mb,
        enqueued_at=time.time(),
    )


async def run_job(job: LoadJob) -> None:
    """Do a job, and write down how long it took."""
    worked = False
    try:
        await do(job)
        worked = True
    finally:
        ended = time.time()
        took_ms = (ended - job.enqueued_at) * 1000
        async with redis_client().pipeline(transaction=True) as pipeline:
            pipeline.hset(ends_key(job.test), str(job.number), f"{ended} {took_ms} {worked:d}")
            pipeline.expire(ends_key(job.test), KEPT_SECONDS)
            pipeline.hlen(ends_key(job.test))
            *_, ended_jobs = await pipeline.execute()
        if ended_jobs >= job.total:
            await redis_client().delete(CURRENT)


async def read_report(test_id: str) -> LoadTestReport:
    """How a test goes, or went.

    Raises:
        NotFoundError: Nothing is known of such a test.
    """
    async with redis_client().pipeline(transaction=True) as pipeline:
        pipeline.get(test_key(test_id))
        pipeline.hgetall(ends_key(test_id))
        text, ends = await pipeline.execute()
    if text is None:
        raise NotFoundError(f"There is no load test {test_id!r}, or it was over an hour ago.")
    test = LoadTest.model_validate_json(text)
    lines = [line.split() for line in ends.values()]
    last_end = max((float(ended) for ended, _, _ in lines), default=time.time())
    seconds = max(last_end - test.started_at.timestamp(), 0.001)
    return LoadTestReport(
        test=test,
        is_finished=len(lines) >= test.jobs,
        done=len(lines),
        failed=sum(worked == "0" for _, _, worked in lines),
        seconds=round(seconds, 2),
        jobs_per_second=round(len(lines) / seconds, 1),
        latency_ms=latency([float(took) for _, took, _ in lines]),
    )


def latency(values: list[float]) -> Latency:
    """The percentiles."""
    if not values:
        return Latency()
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 1)

    return Latency(p50=at(0.5), p95=at(0.95), p99=at(0.99), longest=at(1))

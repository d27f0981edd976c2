"""Hands work from the scheduler to a queue."""

import asyncio
from typing import Any

from redis.exceptions import RedisError

from app.core.logging import get_logger
from app.core.scheduler.firing import current_firing
from app.services.queues import get_queue_pool

log = get_logger(__name__)

PATIENCE_SECONDS = 60.0
"""How long it waits for a Redis that is gone."""
LONGEST_PAUSE = 5.0


async def enqueue(queue: str, function: str, *args: Any, **kwargs: Any) -> None:
    """Put a job into a queue: a job for the scheduler.

        scheduler.add_job(enqueue, "cron", hour=3, args=["system", "send_reports"], id="reports")

    The job's id is made of the time that it was planned for. When a crash makes the scheduler run
    this again, the queue knows the job already, as long as its result is kept.
    """
    firing = current_firing.get()
    job_id = f"{firing.job}:{firing.at:%Y-%m-%dT%H:%M:%S%z}" if firing else None
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    pause = 0.1
    while True:
        try:
            await put(queue, function, job_id, *args, **kwargs)
        except (RedisError, OSError):
            if asyncio.get_running_loop().time() + pause > deadline:
                raise
        else:
            return
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


async def put(queue: str, function: str, job_id: str | None, *args: Any, **kwargs: Any) -> None:
    """Try once."""
    pool, _ = await get_queue_pool(queue)
    try:
        job = await pool.enqueue_job(function, *args, _job_id=job_id, **kwargs)
    finally:
        await pool.aclose()
    if job is not None:
        log.info("job_handed_over", queue=queue, function=function, job_id=job.job_id)

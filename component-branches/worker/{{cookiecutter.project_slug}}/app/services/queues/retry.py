"""Jobs that have failed get another chance."""

from app.core.errors import AppError, ConflictError
from app.core.queues import find_queue
from app.services.queues.models import FailedJob
from app.services.queues.pool import get_queue_pool
from app.services.queues.records import forget_failed_job


async def retry_failed_job(job: FailedJob) -> None:
    """Put a job back into its queue, under its id and with all its tries.

    Raises:
        AppError: Its arguments were not kept.
        ConflictError: It is in the queue already.
    """
    if job.args is None:
        raise AppError(f"The arguments of {job.id} were too large to be kept, so enqueue it anew.")
    queue = find_queue(job.queue)
    pool, _ = await get_queue_pool(queue.name)
    try:
        found = await pool.enqueue_job(
            job.function, *job.args, _job_id=job.id, _again=True, **job.kwargs
        )
    finally:
        await pool.aclose()
    # In this order: a crash between the two leaves a failure too many, and no job too few.
    await forget_failed_job(job)
    if found is None:
        raise ConflictError(f"{job.id} is in the queue already.")

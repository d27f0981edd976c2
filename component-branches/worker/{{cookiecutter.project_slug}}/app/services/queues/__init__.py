"""What is in the queues, who works on them, and what went wrong."""

from app.services.queues.models import FailedJob, QueueState, RunningJob, WorkerInfo
from app.services.queues.pool import get_queue_pool
from app.services.queues.records import (
    failed_jobs,
    forget_failed_job,
    forget_failed_jobs,
    read_queues,
)
from app.services.queues.retry import retry_failed_job

__all__ = [
    "FailedJob",
    "QueueState",
    "RunningJob",
    "WorkerInfo",
    "failed_jobs",
    "forget_failed_job",
    "forget_failed_jobs",
    "get_queue_pool",
    "read_queues",
    "retry_failed_job",
]

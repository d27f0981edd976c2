"""The queue for everything that has no queue of its own."""

from typing import Any, ClassVar

from arq import cron, func

from app.components.worker.tasks.forget_failed import forget_failed
from app.components.worker.tasks.report_health import report_health
from app.core.config import settings


class WorkerSettings:
    """arq's settings; it reads them here only, not from a base class."""

    queue_name = "arq:queue:system"
    health_check_key = "arq:queue:system:health-check"
    functions: ClassVar[list[Any]] = [
        func(report_health),
        # Your functions
    ]
    cron_jobs: ClassVar[list[Any]] = [
        cron(forget_failed, hour=3, minute=30),
        # Your cron jobs
    ]
    max_jobs = settings.WORKER_MAX_JOBS
    # How often it looks for jobs: at most `max_jobs` start each time.
    poll_delay = 0.05
    job_timeout = 300
    max_tries = 5
    keep_result = 3600

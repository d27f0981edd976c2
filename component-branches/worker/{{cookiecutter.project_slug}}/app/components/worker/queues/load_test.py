"""The queue of the load tests: they take nobody else's place."""

from typing import Any, ClassVar

from arq import func

from app.components.worker.tasks.load_test import run_load_job, spread_load
from app.core.config import settings


class WorkerSettings:
    """arq's settings; it reads them here only, not from a base class."""

    queue_name = "arq:queue:load_test"
    health_check_key = "arq:queue:load_test:health-check"
    functions: ClassVar[list[Any]] = [
        func(spread_load, keep_result=0),
        func(run_load_job, keep_result=0, max_tries=1),
    ]
    cron_jobs: ClassVar[list[Any]] = []
    max_jobs = settings.WORKER_MAX_JOBS
    poll_delay = 0.05
    job_timeout = 60
    max_tries = 3
    keep_result = 3600

"""The queue for everything that has no queue of its own."""

from arq import cron, func

from app.components.worker.tasks.forget_failed import forget_failed
from app.components.worker.tasks.report_health import report_health
# slot: imports


class WorkerSettings:
    """As arq documents it. What it does not say is in `USUAL` of `app/components/worker/worker.py`."""

    functions = [
        func(report_health),
        # slot: functions
        # Your functions
    ]
    cron_jobs = [
        cron(forget_failed, hour=3, minute=30),
        # Your cron jobs
    ]

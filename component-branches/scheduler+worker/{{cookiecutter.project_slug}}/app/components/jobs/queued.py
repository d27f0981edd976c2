"""Jobs whose work is done by a worker."""

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from app.core.scheduler.handover import enqueue


def register_queued_jobs(scheduler: AsyncIOScheduler) -> None:
    """Add the jobs: the queue and the task, and what the task takes."""
    # An example: once a day a worker writes to the log how the application is doing.
    scheduler.add_job(
        enqueue, "cron", hour=4, minute=0, args=["system", "report_health"], id="queued_report"
    )
    # Your queued jobs

"""Every job, by name. A job is thin: it calls a service."""

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from app.components.jobs.report_health import report_health


def register_jobs(scheduler: AsyncIOScheduler) -> None:
    """Add the jobs, as APScheduler does it. Runs at each start of the scheduler's process.

    Prefer cron to intervals for what runs seldom: an interval without a persistent store starts
    anew with the process.
    """
    scheduler.add_job(report_health, "cron", minute=0, id="report_health")
    # Your jobs

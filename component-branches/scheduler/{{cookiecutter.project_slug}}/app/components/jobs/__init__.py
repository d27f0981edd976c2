"""Jobs that have a module of their own. A job is thin: it calls a service."""

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from app.components.jobs.report_health import report_health


def register_jobs(scheduler: AsyncIOScheduler) -> None:
    """Add those of the template; yours are in `app/components/scheduler.py`."""
    scheduler.add_job(report_health, "cron", minute=0, id="report_health")
    # Your jobs

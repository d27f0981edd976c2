"""Your jobs, in APScheduler's own words. `register_jobs` runs at each start of the scheduler's process."""

from apscheduler.schedulers.asyncio import AsyncIOScheduler


def register_jobs(scheduler: AsyncIOScheduler) -> None:
    """Add your jobs: `scheduler.add_job(send_report, CronTrigger(hour=9), id="send_report")`.

    Prefer cron to intervals for what runs seldom: an interval without a persistent store starts
    anew with the process.
    """
    # Your jobs

"""Backs up the database every night."""

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from app.core.config import settings
from app.core.logging import get_logger

log = get_logger(__name__)


def register_backup_job(scheduler: AsyncIOScheduler) -> None:
    """Add the job, if the settings want it."""
    if settings.BACKUP_ENABLED:
        trigger = CronTrigger.from_crontab(settings.BACKUP_CRON, settings.SCHEDULER_TIMEZONE)
        scheduler.add_job(backup_database, trigger, id="backup_database")


def backup_database() -> None:
    """Make a checked copy, then let the oldest ones and old history go."""
    from app.services.backup import create_backup, rotate_backups
    from app.services.scheduler.database import forget_old_runs

    made = create_backup()
    removed = rotate_backups(settings.BACKUP_KEEP)
    log.info("backup_made", backup=made.name, size_bytes=made.size_bytes, removed=removed)
    forget_old_runs()

"""Lets old failures go."""

from datetime import UTC, datetime, timedelta
from typing import Any

from app.core.config import settings
from app.core.logging import get_logger
from app.services.queues import forget_failed_jobs

log = get_logger(__name__)


async def forget_failed(ctx: dict[str, Any]) -> int:
    """Forget the failures that are older than the settings say; return how many there were."""
    before = datetime.now(UTC) - timedelta(days=settings.WORKER_FAILED_DAYS)
    count = await forget_failed_jobs(before=before)
    log.info("failures_forgotten", count=count)
    return count

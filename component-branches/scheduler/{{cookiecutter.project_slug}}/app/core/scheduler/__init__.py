"""Jobs at set times: what runs them. They are listed in `app/components/scheduler.py`."""

from app.core.config import settings
from app.core.scheduler import moved
from app.core.scheduler.zone import use_zone

__all__ = ["moved"]

# Before your module is imported: it may make triggers.
use_zone(settings.SCHEDULER_TIMEZONE)

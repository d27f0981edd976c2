"""Jobs at set times. `register_jobs` is where they are listed."""

from app.components.scheduler.jobs import register_jobs

__all__ = ["register_jobs"]

"""Jobs at set times. `register_jobs` is where they are listed."""

from app.components.jobs import register_jobs

__all__ = ["register_jobs"]

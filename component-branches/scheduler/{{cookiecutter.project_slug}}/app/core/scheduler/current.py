"""The scheduler of this process: for jobs that plan others."""

from collections.abc import Generator
from contextlib import contextmanager

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from app.core.errors import UnavailableError

_running: list[AsyncIOScheduler] = []


def current_scheduler() -> AsyncIOScheduler:
    """The scheduler that runs here; what is added is planned at once.

        current_scheduler().add_job(remind, "date", run_date=tomorrow, args=[user_id])

    Raises:
        UnavailableError: None does. A job that is run by hand has none.
    """
    if not _running:
        raise UnavailableError("No scheduler runs in this process, so nothing can be planned here.")
    return _running[-1]


@contextmanager
def running_here(scheduler: AsyncIOScheduler) -> Generator[None]:
    """Let it be the current one as long as the block runs."""
    _running.append(scheduler)
    try:
        yield
    finally:
        _running.remove(scheduler)

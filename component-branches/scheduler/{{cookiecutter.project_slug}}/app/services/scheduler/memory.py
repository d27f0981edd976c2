"""What the scheduler leaves for other processes, and for its next start."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from app.services.scheduler.models import Heartbeat, Run, Wish

if TYPE_CHECKING:
    from apscheduler.jobstores.base import BaseJobStore


class Memory(Protocol):
    """Where the scheduler writes, and everybody else reads."""

    def hold(self) -> AbstractContextManager[Callable[[], bool]]:
        """The right to run jobs, which one process has at a time.

        What it gives says whether it is ours, at any time: what keeps it can fail.
        """
        ...

    def job_store(self) -> "BaseJobStore | None":
        """Where the jobs are kept; None: nowhere."""
        ...

    def beat(self, heartbeat: Heartbeat) -> None:
        """Leave a sign of life."""
        ...

    def last_beat(self) -> Heartbeat | None:
        """The latest sign of life."""
        ...

    def add_run(self, run: Run) -> None:
        """Remember a run."""
        ...

    def runs(self, limit: int = 50, job: str | None = None) -> list[Run]:
        """The latest runs, the newest first."""
        ...

    def last_runs(self) -> dict[str, Run]:
        """The latest run of each job."""
        ...

    def ask_for(self, wish: Wish) -> None:
        """Ask the scheduler's process for something."""
        ...

    def take_asked(self) -> list[Wish]:
        """What was asked for since the last look, the oldest wish first."""
        ...

    def paused(self) -> set[str]:
        """The jobs that somebody has paused, if the job store does not know."""
        ...

    def remember_paused(self, jobs: set[str]) -> None:
        """Remember the jobs that somebody has paused, if the job store does not."""
        ...

    def registered(self) -> set[str]:
        """The jobs that the code asked for at the last start."""
        ...

    def remember_registered(self, jobs: set[str]) -> None:
        """Remember the jobs that the code asks for."""
        ...


def scheduler_memory() -> Memory:
    """The memory of this application."""
    # slot: memory (default)
    from app.services.scheduler.files import FileMemory

    return FileMemory()
    # end slot

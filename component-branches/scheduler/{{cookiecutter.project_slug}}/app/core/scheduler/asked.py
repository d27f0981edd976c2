"""Runs that somebody asked for elsewhere, such as in the dashboard: they happen where jobs run."""

import asyncio

from app.core.logging import get_logger
from app.core.scheduler.manual import run_by_hand
from app.core.scheduler.scheduler import JobScheduler
from app.services.scheduler import Memory, Run

log = get_logger(__name__)


class AskedRuns:
    """Begins them beside what is planned, a job once at a time."""

    def __init__(self, scheduler: JobScheduler, memory: Memory) -> None:
        self._scheduler = scheduler
        self._memory = memory
        self._tasks: dict[asyncio.Task[Run], str] = {}

    @property
    def running(self) -> list[str]:
        """The jobs that run because somebody asked."""
        return sorted(self._tasks.values())

    async def begin(self) -> None:
        """Begin what was asked for since the last look."""
        try:
            names = await asyncio.to_thread(self._memory.take_asked)
        except Exception:
            # A database that restarts. What was asked for is still there.
            log.exception("asked_runs_not_read")
            return
        for name in sorted(names):
            job = await asyncio.to_thread(self._scheduler.get_job, name)
            if job is None or name in self.running:
                reason = "there is no such job" if job is None else "it runs already"
                log.warning("asked_run_refused", job=name, reason=reason)
                continue
            log.info("asked_run_begins", job=name)
            task = asyncio.create_task(run_by_hand(job))
            self._tasks[task] = name
            task.add_done_callback(self._on_end)

    async def is_idle(self, seconds: float) -> bool:
        """Wait until none runs, but not for longer than so many seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        return not self._tasks

    def close(self) -> None:
        """Cut off what still runs."""
        for task in self._tasks:
            task.cancel()

    def _on_end(self, task: "asyncio.Task[Run]") -> None:
        name = self._tasks.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("history_not_written", exc_info=error, job=name)

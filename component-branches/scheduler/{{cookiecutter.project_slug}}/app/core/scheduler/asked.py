"""What somebody asks for elsewhere, such as in the dashboard: it happens where jobs run."""

import asyncio
from datetime import datetime

from apscheduler.job import Job

from app.core.logging import get_logger
from app.core.scheduler.manual import run_by_hand
from app.core.scheduler.scheduler import JobScheduler
from app.services.scheduler import Action, Memory, Run, Wish

log = get_logger(__name__)


class Asked:
    """Pauses and resumes jobs, and begins runs beside what is planned, a job once at a time."""

    def __init__(self, scheduler: JobScheduler, memory: Memory) -> None:
        self._scheduler = scheduler
        self._memory = memory
        self._tasks: dict[asyncio.Task[Run], str] = {}

    @property
    def running(self) -> list[str]:
        """The jobs that run because somebody asked."""
        return sorted(self._tasks.values())

    async def begin(self) -> None:
        """Do, or begin, what was asked for since the last look."""
        try:
            wishes = await asyncio.to_thread(self._memory.take_asked)
        except Exception:
            # A database that restarts. What was asked for is still there.
            log.exception("wishes_not_read")
            return
        # Whoever presses twice wants it once.
        for wish in dict.fromkeys(wishes):
            try:
                refusal = await self._do(wish)
            except Exception:
                log.exception("wish_failed", action=wish.action.value, job=wish.job)
                continue
            if refusal:
                log.warning("wish_refused", action=wish.action.value, job=wish.job, reason=refusal)
            else:
                log.info("wish_granted", action=wish.action.value, job=wish.job)

    async def is_idle(self, seconds: float) -> bool:
        """Wait until no run is left, but not for longer than so many seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        return not self._tasks

    def close(self) -> None:
        """Cut off what still runs."""
        for task in self._tasks:
            task.cancel()

    async def _do(self, wish: Wish) -> str:
        """Why it is refused; nothing when it is done."""
        job = await asyncio.to_thread(self._scheduler.get_job, wish.job)
        if job is None:
            return "there is no such job"
        if wish.action is Action.RUN:
            return self._run(job)
        change = self._pause if wish.action is Action.PAUSE else self._resume
        return await asyncio.to_thread(change, job)

    def _run(self, job: Job) -> str:
        if job.id in self.running:
            return "it runs already"
        task = asyncio.create_task(run_by_hand(job))
        self._tasks[task] = job.id
        task.add_done_callback(self._on_end)
        return ""

    def _pause(self, job: Job) -> str:
        job.pause()
        self._memory.remember_paused(self._memory.paused() | {job.id})
        return ""

    def _resume(self, job: Job) -> str:
        if job.next_run_time is not None:
            return "it is not paused"
        now = datetime.now(self._scheduler.timezone)
        next_run = job.trigger.get_next_fire_time(None, now)
        if next_run is None:
            return "its last run was due while it was paused"
        # What was planned for once while it was paused is made up for.
        job.modify(next_run_time=max(next_run, now))
        self._memory.remember_paused(self._memory.paused() - {job.id})
        return ""

    def _on_end(self, task: "asyncio.Task[Run]") -> None:
        name = self._tasks.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("history_not_written", exc_info=error, job=name)

"""Remembers each run of a job."""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from apscheduler import events
from apscheduler.schedulers.base import BaseScheduler

from app.core.explain import error_line
from app.core.logging import get_logger
from app.services.scheduler import Memory, Outcome, Run

log = get_logger(__name__)

MAX_ERROR = 500


class History:
    """Listens to the scheduler. Writing happens in a thread, in order."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self._started: dict[tuple[str, datetime], datetime] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history")

    @property
    def running(self) -> list[str]:
        """The jobs that run right now."""
        return sorted({job for job, _ in self._started})

    async def is_idle(self, seconds: float) -> bool:
        """Wait until no job runs, but not for longer than so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def listen(self, scheduler: BaseScheduler) -> None:
        """Begin."""
        scheduler.add_listener(self._on_submitted, events.EVENT_JOB_SUBMITTED)
        ended = events.EVENT_JOB_EXECUTED | events.EVENT_JOB_ERROR | events.EVENT_JOB_MISSED
        scheduler.add_listener(self._on_ended, ended)
        scheduler.add_listener(self._on_skipped, events.EVENT_JOB_MAX_INSTANCES)

    def close(self) -> None:
        """Write what is left."""
        self._writer.shutdown()

    def _on_submitted(self, event: events.JobSubmissionEvent) -> None:
        for scheduled in event.scheduled_run_times:
            self._started[event.job_id, scheduled] = datetime.now(UTC)
            self._idle.clear()

    def _on_ended(self, event: events.JobExecutionEvent) -> None:
        now = datetime.now(UTC)
        started = self._started.pop((event.job_id, event.scheduled_run_time), now)
        if not self._started:
            self._idle.set()
        outcome, error = Outcome.OK, ""
        if event.code == events.EVENT_JOB_MISSED:
            outcome = Outcome.MISSED
        elif event.exception is not None:
            outcome, error = Outcome.FAILED, error_text(event.exception)
            log.error("job_failed", exc_info=event.exception, job=event.job_id)
        self._write(
            Run(
                job=event.job_id,
                outcome=outcome,
                scheduled_at=event.scheduled_run_time,
                finished_at=now,
                duration_ms=round((now - started).total_seconds() * 1000, 1),
                error=error,
            )
        )

    def _on_skipped(self, event: events.JobSubmissionEvent) -> None:
        now = datetime.now(UTC)
        for scheduled in event.scheduled_run_times:
            self._write(
                Run(
                    job=event.job_id,
                    outcome=Outcome.SKIPPED,
                    scheduled_at=scheduled,
                    finished_at=now,
                )
            )

    def _write(self, run: Run) -> None:
        log.info("job_ended", job=run.job, outcome=run.outcome.value, ms=run.duration_ms)

        def complain(done: "Future[Any]") -> None:
            if error := done.exception():
                log.error("history_not_written", exc_info=error, job=run.job)

        self._writer.submit(self.memory.add_run, run).add_done_callback(complain)


def error_text(error: BaseException) -> str:
    """An exception in a line, without secrets."""
    return error_line(error)[:MAX_ERROR]

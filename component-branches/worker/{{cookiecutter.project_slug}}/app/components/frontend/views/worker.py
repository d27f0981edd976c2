"""What the page of the workers shows besides the queues: what runs, and what has failed."""

import time
from datetime import UTC, datetime

import flet as ft

from app.components.frontend import formatting, theme, widgets
from app.components.frontend.frame import Frame
from app.components.frontend.registry import Changes, Context, View
from app.core.redaction import redact
from app.services.queues import FailedJob, QueueState, RunningJob, failed_jobs, read_queues

REFRESH_SECONDS = 3.0
SHOWN_FAILURES = 30


class WorkerView(View):
    """The jobs that run, and the latest failures with their reasons."""

    def __init__(self, context: Context) -> None:
        self._next_at = 0.0
        self._shown: list[FailedJob] | None = None
        self._idle = widgets.soft("Nothing is running.")
        self._running = widgets.mono(size=12)
        self._running.style = ft.TextStyle(height=1.9)
        self._empty = widgets.soft("No job has failed.")
        self._rows = ft.Column([self._empty], spacing=10)
        running = ft.Column([widgets.section("Running now"), self._idle, self._running], spacing=12)
        failed = ft.Column([widgets.section("Failed jobs"), self._rows], spacing=12)
        panels: list[ft.Control] = [widgets.panel(running), widgets.panel(failed)]
        super().__init__(ft.ResponsiveRow(panels, spacing=14, run_spacing=14))

    async def show(self, frame: Frame, changes: Changes) -> None:
        """Show a frame."""
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + REFRESH_SECONDS
        try:
            queues, failures = await read_queues(), await failed_jobs(SHOWN_FAILURES)
        except Exception as error:
            text = f"Redis cannot be read ({type(error).__name__})."
            changes.set(self._idle, value=text, visible=True)
            changes.set(self._running, value="")
            return
        self._show_running(queues, changes)
        if failures != self._shown:
            self._shown = failures
            rows: list[ft.Control] = [failure_row(job) for job in failures]
            changes.set_controls(self._rows, rows or [self._empty])

    def _show_running(self, queues: list[QueueState], changes: Changes) -> None:
        now = datetime.now(UTC)
        lines = [
            running_line(queue.name, job, now)
            for queue in queues
            for worker in queue.workers
            for job in worker.jobs
        ]
        changes.set(self._idle, value="Nothing is running.", visible=not lines)
        changes.set(self._running, value="\n".join(lines))


def running_line(queue: str, job: RunningJob, now: datetime) -> str:
    """A job that runs, in a line."""
    seconds = max((now - job.started_at).total_seconds(), 0)
    took = formatting.milliseconds(seconds * 1000)
    return f"{took:>9}  {queue:<12} {job.function}  {job.id}"


def failure_row(job: FailedJob) -> ft.Control:
    """A failed job, and why it failed."""
    line = widgets.mono(
        f"{job.failed_at.astimezone(UTC):%d %b %H:%M:%S}  {job.queue:<12} {job.function}  {job.id}",
        size=12,
    )
    line.color = theme.BAD
    line.selectable = True
    tries = "1 try" if job.tries == 1 else f"{job.tries} tries"
    return ft.Column(
        [line, widgets.soft(f"{redact(job.error)} (after {tries})", size=12)], spacing=2
    )

"""What the page of the workers shows besides the queues: what runs, and what has failed."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import flet as ft

from app.components.frontend import formatting, theme, widgets
from app.components.frontend.actions import AskingButton, perform
from app.components.frontend.registry import Changes, Context, LookingView
from app.core.redaction import redact
from app.services.queues import (
    FailedJob,
    QueueState,
    RunningJob,
    failed_jobs,
    forget_failed_job,
    read_queues,
    retry_failed_job,
)

SHOWN_FAILURES = 30


class WorkerView(LookingView):
    """The jobs that run, and the latest failures with their reasons and what can be done about them."""

    def __init__(self, context: Context) -> None:
        self._shown: list[FailedJob] | None = None
        self._idle = widgets.soft("Nothing is running.")
        self._running = widgets.mono(size=12)
        self._running.style = ft.TextStyle(height=1.9)
        self._empty = widgets.soft("No job has failed.")
        self._problem = widgets.soft()
        self._problem.visible = False
        self._problem.color = theme.BAD
        self._rows = ft.Column([self._empty], spacing=10)
        running = ft.Column([widgets.section("Running now"), self._idle, self._running], spacing=12)
        failed = ft.Column([widgets.section("Failed jobs"), self._problem, self._rows], spacing=12)
        super().__init__(widgets.tiles(widgets.panel(running), widgets.panel(failed)))

    async def look(self, changes: Changes) -> None:
        """Read the queues."""
        try:
            queues, failures = await read_queues(), await failed_jobs(SHOWN_FAILURES)
        except Exception as error:
            text = f"Redis cannot be read ({type(error).__name__})."
            changes.set(self._idle, value=text, visible=True)
            changes.set(self._running, visible=False)
            self._shown = None
            changes.set(self._empty, value=text)
            changes.set_controls(self._rows, [self._empty])
            return
        changes.set(self._empty, value="No job has failed.")
        self._show_running(queues, changes)
        if failures != self._shown:
            self._shown = failures
            rows: list[ft.Control] = [failure_row(job, self._act) for job in failures]
            changes.set_controls(self._rows, rows or [self._empty])

    async def _act(self, action: str, job: FailedJob, work: Awaitable[None]) -> None:
        problem = await perform(action, work, job=job.id, queue=job.queue)
        self._problem.value, self._problem.visible = problem, bool(problem)
        self._problem.update()
        self.look_again()

    def _show_running(self, queues: list[QueueState], changes: Changes) -> None:
        now = datetime.now(UTC)
        lines = [
            running_line(queue.name, job, now)
            for queue in queues
            for worker in queue.workers
            for job in worker.jobs
        ]
        changes.set(self._idle, value="Nothing is running.", visible=not lines)
        changes.set(self._running, value="\n".join(lines), visible=bool(lines))


def running_line(queue: str, job: RunningJob, now: datetime) -> str:
    """A job that runs, in a line."""
    seconds = max((now - job.started_at).total_seconds(), 0)
    took = formatting.milliseconds(seconds * 1000)
    return f"{took:>9}  {queue:<12} {job.function}  {job.id}"


def failure_row(
    job: FailedJob, act: Callable[[str, FailedJob, Awaitable[None]], Awaitable[None]]
) -> ft.Control:
    """A failed job, why it failed, and what can be done about it."""
    line = widgets.mono(
        f"{job.failed_at.astimezone(UTC):%d %b %H:%M:%S}  {job.queue:<12} {job.function}  {job.id}",
        size=12,
    )
    line.color = theme.BAD
    tries = "1 try" if job.tries == 1 else f"{job.tries} tries"
    reason = widgets.soft(f"{redact(job.error)} (after {tries})", size=12)

    async def retry(_event: object) -> None:
        await act("retry", job, retry_failed_job(job))

    async def forget() -> None:
        await act("forget", job, forget_failed_job(job))

    again = ft.IconButton(
        icon=ft.Icons.REPLAY_ROUNDED, icon_size=18, tooltip="Try again", on_click=retry
    )
    gone = AskingButton(ft.Icons.DELETE_OUTLINE_ROUNDED, "Forget", forget)
    texts = ft.Column([line, reason], spacing=2, expand=True)
    return ft.Row([texts, again, gone.content], spacing=4)

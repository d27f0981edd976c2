"""What the page of the scheduler shows besides its health: its jobs, to be run now or paused, and the latest runs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import flet as ft

from app.components.frontend import formatting, theme, widgets
from app.components.frontend.actions import AskingButton, perform
from app.components.frontend.registry import Changes, Context, LookingView
from app.core.config import settings
from app.services.scheduler import (
    Action,
    Heartbeat,
    JobInfo,
    Outcome,
    Run,
    Wish,
    scheduler_memory,
)
from app.services.scheduler.health import time_text

SHOWN_RUNS = 30
SHOWN_JOBS = 24

_COMES = {Action.RUN: "begins", Action.PAUSE: "is paused", Action.RESUME: "is resumed"}

_COLOURS = {
    Outcome.OK: theme.TEXT,
    Outcome.FAILED: theme.BAD,
    Outcome.MISSED: theme.WARNING,
    Outcome.SKIPPED: theme.WARNING,
}


class SchedulerView(LookingView):
    """The jobs, the next one on top, and the latest runs, the newest on top."""

    def __init__(self, context: Context) -> None:
        self._shown: list[Run] | None = []
        self._shown_jobs: list[JobInfo] | None = []
        self._said = widgets.soft("No scheduler is running.")
        self._jobs = ft.Column(spacing=0)
        self._empty = widgets.soft("No job has run yet.")
        self._rows = ft.Column([self._empty], spacing=7)
        jobs = ft.Column([widgets.section("Jobs"), self._said, self._jobs], spacing=12)
        runs = ft.Column([widgets.section("Recent runs"), self._rows], spacing=12)
        super().__init__(widgets.tiles(widgets.panel(jobs), widgets.panel(runs)))

    async def look(self, changes: Changes) -> None:
        """Read what the scheduler has noted."""
        try:
            memory = scheduler_memory()
            runs = await asyncio.to_thread(memory.runs, SHOWN_RUNS)
            beat = await asyncio.to_thread(memory.last_beat)
        except Exception as error:
            # What is shown is forgotten, so that it comes back.
            self._shown, self._shown_jobs = None, None
            changes.set(self._empty, value=f"The history cannot be read ({type(error).__name__}).")
            changes.set_controls(self._rows, [self._empty])
            return
        changes.set(self._empty, value="No job has run yet.")
        self._show_jobs(beat, changes)
        if runs != self._shown:
            self._shown = runs
            rows: list[ft.Control] = [row(run) for run in runs]
            changes.set_controls(self._rows, rows or [self._empty])

    def _show_jobs(self, beat: Heartbeat | None, changes: Changes) -> None:
        now = datetime.now(UTC)
        runs = beat is not None and beat.is_fresh(now, settings.SCHEDULER_HEARTBEAT_SECONDS)
        jobs = beat.jobs if beat is not None and runs else []
        # Those that wait for somebody come first.
        jobs = sorted(jobs, key=lambda job: job.next_run is not None)[:SHOWN_JOBS]
        if jobs != self._shown_jobs:
            self._shown_jobs = jobs
            rows: list[ft.Control] = [job_row(job, self._ask) for job in jobs]
            changes.set_controls(self._jobs, rows)
            said = "" if jobs else "No scheduler is running, or it has no jobs."
            changes.set(self._said, value=said, visible=not jobs)

    async def _ask(self, action: Action, job: str) -> None:
        asking = asyncio.to_thread(scheduler_memory().ask_for, Wish(action=action, job=job))
        problem = await perform(f"{action.value}_job", asking, job=job)
        seconds = settings.SCHEDULER_HEARTBEAT_SECONDS
        self._said.value = problem or f"{job} {_COMES[action]} within {seconds:g} seconds."
        self._said.visible = True
        self._said.update()


def job_row(job: JobInfo, ask: Callable[[Action, str], Awaitable[None]]) -> ft.Control:
    """A job, when it runs next, and buttons that pause or resume it, and run it now."""
    name = widgets.mono(job.id, size=12)
    next_run = time_text(job.next_run) or "paused"
    about = widgets.soft(job.problem or f"{next_run}, {job.trigger}", size=12)

    async def run_it() -> None:
        await ask(Action.RUN, job.id)

    async def hold_or_release(_event: object) -> None:
        await ask(Action.RESUME if job.is_paused else Action.PAUSE, job.id)

    texts = ft.Column([name, about], spacing=2, expand=True)
    if job.problem:
        return ft.Row([texts], spacing=4)
    other = ft.IconButton(
        icon=ft.Icons.PLAY_CIRCLE_OUTLINE_ROUNDED if job.is_paused else ft.Icons.PAUSE_ROUNDED,
        icon_size=18,
        tooltip=f"Resume {job.id}" if job.is_paused else f"Pause {job.id}",
        on_click=hold_or_release,
    )
    button = AskingButton(ft.Icons.FAST_FORWARD_ROUNDED, f"Run {job.id} now", run_it)
    return ft.Row([texts, other, button.content], spacing=4)


def row(run: Run) -> ft.Control:
    """A run in a line."""
    took = formatting.milliseconds(run.duration_ms)
    by_hand = "  by hand" if run.is_manual else ""
    line = widgets.mono(
        f"{run.finished_at:%d %b %H:%M:%S}  {run.outcome.value:<7} {took:>9}  {run.job}{by_hand}",
        size=12,
    )
    line.color = _COLOURS[run.outcome]
    if not run.error:
        return line
    return ft.Column([line, widgets.soft(run.error, size=12)], spacing=2)

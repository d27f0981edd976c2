"""What the page of the scheduler shows besides its health: the latest runs."""

import asyncio
import time

import flet as ft

from app.components.frontend import formatting, theme, widgets
from app.components.frontend.frame import Frame
from app.components.frontend.registry import Changes, Context, View
from app.services.scheduler import Outcome, Run, scheduler_memory

REFRESH_SECONDS = 3.0
SHOWN_RUNS = 30

_COLOURS = {
    Outcome.OK: theme.TEXT,
    Outcome.FAILED: theme.BAD,
    Outcome.MISSED: theme.WARNING,
    Outcome.SKIPPED: theme.WARNING,
}


class SchedulerView(View):
    """The latest runs, a line each, the newest on top."""

    def __init__(self, context: Context) -> None:
        self._next_at = 0.0
        self._shown: list[Run] = []
        self._empty = widgets.soft("No job has run yet.")
        self._rows = ft.Column([self._empty], spacing=7)
        content = ft.Column([widgets.section("Recent runs"), self._rows], spacing=12)
        super().__init__(ft.ResponsiveRow([widgets.panel(content)]))

    async def show(self, frame: Frame, changes: Changes) -> None:
        """Show a frame."""
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + REFRESH_SECONDS
        try:
            runs = await asyncio.to_thread(scheduler_memory().runs, SHOWN_RUNS)
        except Exception as error:
            changes.set(self._empty, value=f"The history cannot be read ({type(error).__name__}).")
            changes.set_controls(self._rows, [self._empty])
            return
        if runs != self._shown:
            self._shown = runs
            rows: list[ft.Control] = [row(run) for run in runs]
            changes.set_controls(self._rows, rows or [self._empty])


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

"""One loop that keeps every open dashboard up to date."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from app.components.frontend.frame import Frame, take_frame
from app.core.logging import get_logger

log = get_logger(__name__)

INTERVAL_SECONDS = 1.0


class Watcher(Protocol):
    """Who wants to see every frame."""

    async def show(self, frame: Frame) -> None:
        """Show a frame."""
        ...


class RefreshLoop:
    """Takes a frame every interval while anybody watches, and shows it to all."""

    def __init__(
        self,
        take: Callable[[], Awaitable[Frame]] = take_frame,
        interval: float = INTERVAL_SECONDS,
    ) -> None:
        self._take = take
        self._interval = interval
        self._watchers: dict[Watcher, None] = {}
        self._task: asyncio.Task[None] | None = None
        self._latest: Frame | None = None
        self._latest_at = 0.0

    @property
    def is_running(self) -> bool:
        """Whether anybody watches."""
        return self._task is not None and not self._task.done()

    def join(self, watcher: Watcher) -> None:
        """Show every frame to a watcher from now on."""
        self._watchers[watcher] = None
        if not self.is_running:
            self._task = asyncio.create_task(self._run())

    def leave(self, watcher: Watcher) -> None:
        """Stop; the loop ends with its last watcher."""
        self._watchers.pop(watcher, None)
        if not self._watchers and self._task is not None:
            self._task.cancel()
            self._task = None

    async def latest(self) -> Frame:
        """The present frame."""
        if self._latest is None or time.monotonic() - self._latest_at > self._interval:
            self._latest = await self._take()
            self._latest_at = time.monotonic()
        return self._latest

    async def _run(self) -> None:
        while True:
            started = time.monotonic()
            try:
                self._latest_at = 0.0
                await self._show(await self.latest())
            except Exception:
                log.exception("dashboard_refresh_failed")
            elapsed = time.monotonic() - started
            # Never without a pause: what the dashboard costs must not grow with its delay.
            await asyncio.sleep(max(self._interval - elapsed, self._interval / 2))

    async def _show(self, frame: Frame) -> None:
        for watcher in list(self._watchers):
            try:
                await watcher.show(frame)
            except Exception:
                log.exception("dashboard_view_failed")
            # Requests are answered between two dashboards.
            await asyncio.sleep(0)

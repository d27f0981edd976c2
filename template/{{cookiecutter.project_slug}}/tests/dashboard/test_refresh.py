"""One loop for all open dashboards."""

import asyncio

import pytest

from app.components.frontend.frame import Frame
from app.components.frontend.refresh import RefreshLoop
from tests.dashboard.support import make_frame


class Watcher:
    """Counts the frames that it is shown."""

    def __init__(self, *, broken: bool = False) -> None:
        self.frames = 0
        self.broken = broken
        self.seen = asyncio.Event()

    async def show(self, frame: Frame) -> None:
        self.frames += 1
        if self.broken:
            raise RuntimeError("This view is broken.")
        if self.frames >= 3:
            self.seen.set()


class Source:
    """Counts how often it is asked for a frame."""

    def __init__(self, *, fails: int = 0) -> None:
        self.asked = 0
        self.fails = fails

    async def take(self) -> Frame:
        self.asked += 1
        if self.asked <= self.fails:
            raise RuntimeError("No frame this time.")
        return make_frame()


async def test_all_watchers_share_every_frame() -> None:
    source = Source()
    loop = RefreshLoop(source.take, interval=0.01)
    watchers = [Watcher() for _ in range(10)]
    for watcher in watchers:
        loop.join(watcher)
    await asyncio.wait_for(asyncio.gather(*(w.seen.wait() for w in watchers)), 90)
    assert source.asked <= max(w.frames for w in watchers) + 1
    for watcher in watchers:
        loop.leave(watcher)


async def test_it_runs_only_while_somebody_watches() -> None:
    loop = RefreshLoop(Source().take, interval=0.01)
    assert not loop.is_running
    first, second = Watcher(), Watcher()
    loop.join(first)
    loop.join(second)
    loop.leave(first)
    assert loop.is_running
    loop.leave(second)
    assert not loop.is_running
    loop.join(first)
    await asyncio.wait_for(first.seen.wait(), 90)
    loop.leave(first)


async def test_a_broken_view_does_not_stop_the_others() -> None:
    loop = RefreshLoop(Source().take, interval=0.01)
    broken, sound = Watcher(broken=True), Watcher()
    loop.join(broken)
    loop.join(sound)
    await asyncio.wait_for(sound.seen.wait(), 90)
    assert broken.frames >= 2
    loop.leave(broken)
    loop.leave(sound)


async def test_it_goes_on_when_the_services_fail(caplog: pytest.LogCaptureFixture) -> None:
    loop = RefreshLoop(Source(fails=2).take, interval=0.01)
    watcher = Watcher()
    loop.join(watcher)
    await asyncio.wait_for(watcher.seen.wait(), 90)
    loop.leave(watcher)
    assert "dashboard_refresh_failed" in caplog.text

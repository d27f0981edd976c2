"""Work beside a block ends with it."""

import asyncio

import pytest

from app.core.background import meanwhile


class Work:
    """Something that goes on for ever, and takes its time to stop."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.stopping = asyncio.Event()
        self.may_stop = asyncio.Event()
        self.has_stopped = False

    async def go_on(self) -> None:
        """Until cancelled."""
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.stopping.set()
            await self.may_stop.wait()
            self.has_stopped = True


async def fail() -> None:
    """At once."""
    raise ValueError("nothing to do")


async def test_it_goes_on_while_the_block_runs_and_has_stopped_when_it_is_over() -> None:
    work = Work()
    async with meanwhile(work.go_on()):
        await work.begun.wait()
        assert not work.stopping.is_set()
        work.may_stop.set()
    assert work.has_stopped


async def test_it_ends_with_a_block_that_fails() -> None:
    work = Work()
    work.may_stop.set()

    async def fail_meanwhile() -> None:
        async with meanwhile(work.go_on()):
            await work.begun.wait()
            raise KeyError

    with pytest.raises(KeyError):
        await fail_meanwhile()
    assert work.has_stopped


async def test_why_it_failed_is_told_at_the_end() -> None:
    with pytest.raises(ValueError, match="nothing to do"):
        async with meanwhile(fail()):
            await asyncio.sleep(0)


async def test_whoever_is_cancelled_while_it_stops_is_cancelled() -> None:
    work = Work()

    async def begin_and_end() -> None:
        async with meanwhile(work.go_on()):
            await work.begun.wait()

    task = asyncio.create_task(begin_and_end())
    await work.stopping.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    work.may_stop.set()

"""Whether this process has been told to stop.

Readiness says so to load balancers, and whatever holds a connection open for long ends it in time.
"""

import asyncio
import signal
from collections.abc import AsyncIterable, AsyncIterator
from typing import TypeVar

T = TypeVar("T")


class Stopping:
    """Begins once, and does not end."""

    def __init__(self) -> None:
        self._told = asyncio.Event()

    @property
    def begun(self) -> bool:
        """Whether the process has been told."""
        return self._told.is_set()

    def listen(self) -> asyncio.Event:
        """From now on SIGTERM and Ctrl-C begin it, and set this event. Call it in the event loop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.begin)
        return self._told

    def begin(self) -> None:
        """Tell everybody. Call it in the event loop; a signal handler hands it over."""
        self._told.set()

    async def wait(self) -> None:
        """Wait until the process has been told."""
        await self._told.wait()

    async def until(self, items: AsyncIterable[T]) -> AsyncIterator[T]:
        """Pass items on until there are no more, or until the process is told to stop.

        `StreamingResponse(stopping.until(events()))` ends whole, where it would be cut otherwise.
        """
        source = aiter(items)
        told = asyncio.ensure_future(self.wait())
        try:
            while not self.begun:
                item = asyncio.ensure_future(anext(source))
                try:
                    await asyncio.wait({item, told}, return_when=asyncio.FIRST_COMPLETED)
                    if not item.done():
                        return
                    yield item.result()
                except StopAsyncIteration:
                    return
                finally:
                    item.cancel()
        finally:
            told.cancel()


stopping = Stopping()

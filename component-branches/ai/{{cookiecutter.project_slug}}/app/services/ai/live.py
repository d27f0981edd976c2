"""An answer under way."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import dataclass

from app.core.errors import AppError
from app.services.ai.errors import TooLongError
from app.services.ai.models import AnswerState, Done, Event, Text, ToolUse, Turn
from app.services.ai.text import printable

FLUSH_SECONDS = 0.03
"""Pieces that come within this time travel together: an event for each would cost as much as the piece."""
CROWD_SECONDS = 0.002
"""So much longer for each answer that is under way in this process."""
STOPPED = "Stopped."
CHARACTERS_PER_TOKEN = 8
"""More than any text has; whoever sends more does not keep to AI_MAX_OUTPUT_TOKENS."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing has happened for a while."""


class LiveAnswer:
    """Runs in a task of its own, so that it is saved however its reader ends.

    A slow reader holds nobody up and no more memory than the answer itself: pieces that were not
    read yet are one text.
    """

    def __init__(
        self,
        turn: Turn,
        work: Callable[["LiveAnswer"], Coroutine[object, object, None]],
        *,
        limit: int,
        flush: Callable[[], float] = lambda: FLUSH_SECONDS,
        on_end: Callable[["LiveAnswer"], None],
    ) -> None:
        self.turn = turn
        self.failure: AppError | None = None
        """Why there is no answer at all."""
        self._on_end = on_end
        self._limit = limit
        self._flush = flush
        self._started = time.monotonic()
        self._pieces: list[str] = []
        self._length = 0
        self._pending: list[Event] = []
        self._ended = False
        self._changed = asyncio.Event()
        self._stopped = False
        self._task = asyncio.create_task(work(self))
        self._task.add_done_callback(self._end)

    @property
    def has_text(self) -> bool:
        """Whether the model has said anything yet."""
        return bool(self._pieces)

    @property
    def text(self) -> str:
        """What it has said."""
        return "".join(self._pieces)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return round(time.monotonic() - self._started, 3)

    def add_text(self, piece: str) -> None:
        """The model says something."""
        piece = printable(piece)
        if not piece:
            return
        self._length += len(piece)
        if self._length > self._limit:
            raise TooLongError("The answer became longer than AI_MAX_OUTPUT_TOKENS allows.")
        self._pieces.append(piece)
        self._pending.append(Text(piece))
        self._changed.set()

    def begin_block(self) -> None:
        """What follows is apart from what was said so far."""
        if self.has_text:
            self.add_text("\n\n")

    def add_tool(self, name: str) -> None:
        """The model uses a tool."""
        name = printable(name)
        self.turn.tools.append(name)
        self._pending.append(ToolUse(name))
        self._changed.set()

    async def events(self, idle: float | None = None) -> AsyncGenerator[Event | Idle]:
        """What happens, for one reader; ends with Done, or raises why there is no answer."""
        is_first = True
        while True:
            try:
                async with asyncio.timeout(idle):
                    await self._changed.wait()
            except TimeoutError:
                yield Idle()
                continue
            if not is_first and not self._ended:
                await asyncio.sleep(self._flush())
            is_first = False
            self._changed.clear()
            pending, self._pending = self._pending, []
            ended = self._ended
            for event in merged(pending):
                yield event
            if ended:
                break
        if self.failure is not None:
            raise self.failure
        yield Done(self.turn)

    async def begun(self, seconds: float) -> bool:
        """Wait until there is something to read, but not longer; raises why there is no answer."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        if self._ended and self.failure is not None:
            raise self.failure
        return True

    async def result(self) -> Turn:
        """The answer, once it is whole. Whoever stops waiting stops it."""
        try:
            await asyncio.shield(self._task)
        except asyncio.CancelledError:
            await self.stop()
            raise
        if self.failure is not None:
            raise self.failure
        return self.turn

    def cancel(self) -> None:
        """Stop it, and hang up on the provider; what was said so far is kept."""
        if not self._stopped:
            self._stopped = True
            self._task.cancel()

    def settle(self) -> None:
        """All is said, and will be saved: nothing is left to stop."""
        self._stopped = True

    async def stop(self) -> None:
        """Stop it, and wait until it is saved."""
        self.cancel()
        await asyncio.wait([self._task])

    def _end(self, task: asyncio.Task[None]) -> None:
        """Runs however the task ends, even if it was stopped before it began."""
        if task.cancelled():
            self.turn.state, self.turn.problem = AnswerState.INTERRUPTED, STOPPED
        self._on_end(self)
        self._ended = True
        self._changed.set()


def merged(events: list[Event]) -> list[Event]:
    """The same events with neighbouring texts as one."""
    found: list[Event] = []
    pieces: list[str] = []
    for event in events:
        if isinstance(event, Text):
            pieces.append(event.text)
            continue
        if pieces:
            found.append(Text("".join(pieces)))
            pieces = []
        found.append(event)
    if pieces:
        found.append(Text("".join(pieces)))
    return found

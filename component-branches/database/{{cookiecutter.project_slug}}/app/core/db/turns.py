"""Coroutines that write to SQLite, one after the other, in the order in which they came.

SQLite lets one connection write. Whoever comes meanwhile asks it again and again, and some of many
that ask never have their turn: "database is locked". Coroutines of one process need not ask.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

WRITING = ("INSERT", "UPDATE", "DELETE", "REPLACE", "BEGIN IMMEDIATE")
"""What begins a transaction that writes: the words at which Python's `sqlite3` does so, and ours."""

HAD_TURN = "had_turn"


class Turns:
    """Whose turn it is to write. `patience`: the seconds that one may take."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._is_taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._ended = 0

    async def take(self) -> bool:
        """Wait, as long as those in front come and go; whether it is our turn."""
        if not self._is_taken:
            self._is_taken = True
            return True
        called = asyncio.get_running_loop().create_future()
        self._waiting.append(called)
        try:
            while not called.done():
                ended = self._ended
                await asyncio.wait({called}, timeout=self._patience)
                if ended == self._ended and called.cancel():
                    return False
            return True
        except asyncio.CancelledError:
            if not called.cancel():
                self.end()
            raise

    def end(self) -> None:
        """Let the next one write."""
        self._ended += 1
        while self._waiting:
            called = self._waiting.popleft()
            if not called.done():
                called.set_result(None)
                return
        self._is_taken = False


def take_turns(engine: AsyncEngine, patience: float) -> None:
    """Let the connections of an engine wait for each other before they write."""
    turns = Turns(patience)

    def before_execute(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        held = connection.connection.record_info
        if held is None or HAD_TURN in held or not statement.lstrip().upper().startswith(WRITING):
            return
        driver: Any = connection.connection.dbapi_connection
        held[HAD_TURN] = driver.run_async(lambda _driver: turns.take())

    def end(connection: Connection) -> None:
        # One that broke is given back by itself, and has nothing more to say.
        if not connection.invalidated:
            end_turn(connection.connection.record_info)

    def end_turn(held: dict[Any, Any] | None) -> None:
        if held is not None and held.pop(HAD_TURN, False):
            turns.end()

    listen: Callable[..., None] = event.listen
    listen(engine.sync_engine, "before_cursor_execute", before_execute)
    # Told just before it is written down; for that moment SQLite lets the next one wait.
    listen(engine.sync_engine, "commit", end)
    listen(engine.sync_engine, "rollback", end)
    # However it came to its end: a connection that broke is neither committed nor rolled back.
    listen(engine.sync_engine, "checkin", lambda _driver, record: end_turn(record.record_info))

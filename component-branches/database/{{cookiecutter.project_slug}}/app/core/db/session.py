"""Sessions: one name for plain functions and for coroutines."""

import asyncio
from types import TracebackType

from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.db.database import current_database


class SessionBlock:
    """A session as long as a block runs: its end commits, an exception rolls back."""

    _session: Session
    _async_session: AsyncSession

    def __enter__(self) -> Session:
        """Open a session, but not where that would stop the event loop."""
        if _is_in_event_loop():
            raise RuntimeError(
                "`with db_session()` would stop the event loop here, so nothing was done. Write "
                "`async with db_session() as session:` and await what it does, or let a thread "
                "do all of it: `await asyncio.to_thread(function)`."
            )
        self._session = current_database().session()
        return self._session

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit if all went well; close in any case."""
        with self._session as session:
            if kind is None:
                session.commit()

    async def __aenter__(self) -> AsyncSession:
        """Open a session for a coroutine."""
        self._async_session = current_database().async_session()
        return self._async_session

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit if all went well; close in any case."""
        async with self._async_session as session:
            if kind is None:
                await session.commit()


def db_session() -> SessionBlock:
    """A session for one block: `with db_session() as session`, in a coroutine `async with`."""
    return SessionBlock()


async_db_session = db_session
"""What coroutines had to call up to release 0.3; it is the same."""


def _is_in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True

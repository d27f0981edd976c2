"""Sessions."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.db.database import current_database


@contextmanager
def db_session() -> Generator[Session]:
    """A session for a block: its end commits, an exception rolls back."""
    with current_database().session() as session:
        yield session
        session.commit()


@asynccontextmanager
async def async_db_session() -> AsyncGenerator[AsyncSession]:
    """The same for coroutines."""
    async with current_database().async_session() as session:
        yield session
        await session.commit()

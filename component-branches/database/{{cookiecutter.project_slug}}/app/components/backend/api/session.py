"""Database sessions for routes.

    @router.post("/things")
    def create(thing: ThingCreate, session: SessionDep) -> Thing: ...

The session commits before the answer is sent, so nobody hears of a success that was none.
"""

from collections.abc import AsyncGenerator, Iterator
from typing import Annotated

from fastapi import Depends
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.db import db_session


def get_session() -> Iterator[Session]:
    """A session for a `def` route."""
    with db_session() as session:
        yield session


async def get_async_session() -> AsyncGenerator[AsyncSession]:
    """A session for an `async def` route."""
    async with db_session() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session, scope="function")]
AsyncSessionDep = Annotated[AsyncSession, Depends(get_async_session, scope="function")]

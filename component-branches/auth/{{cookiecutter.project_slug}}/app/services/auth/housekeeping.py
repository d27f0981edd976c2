"""Removes what has no use any more: sessions and links whose time is over, registrations that nobody confirmed."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import Delete, delete
from sqlmodel import col, select

from app.core.background import meanwhile
from app.core.config import settings
from app.core.db import db_session
from app.core.logging import get_logger
from app.models.auth import (
    AuthChallenge,
    AuthEvent,
    AuthLink,
    AuthSecondFactor,
    AuthSession,
    LinkPurpose,
)
from app.models.user import User, utc_now
from app.services.auth.second_factor import renew_seals

log = get_logger(__name__)

EVERY_SECONDS = 3600.0
KEPT = timedelta(days=7)
"""How long what is over can still be looked at."""


async def purge() -> int:
    """Remove it; return how many rows went.

    In a thread: a transaction that waited for the event loop would keep others from writing, and a scheduler,
    which writes its jobs in the event loop, would wait for it there until SQLite gives up.
    """
    work = asyncio.ensure_future(asyncio.to_thread(purge_now))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        # A thread cannot be cut off, and the database may be closed next.
        await asyncio.wait({work})
        raise


def purge_now() -> int:
    """The same for threads."""
    now = utc_now()
    statements = [
        delete(AuthSession).where(col(AuthSession.expires_at) < now - KEPT),
        delete(AuthSession).where(col(AuthSession.ended_at) < now - KEPT),
        delete(AuthLink).where(col(AuthLink.expires_at) < now - KEPT),
        delete(AuthChallenge).where(col(AuthChallenge.expires_at) < now - KEPT),
        delete(AuthSecondFactor).where(
            col(AuthSecondFactor.confirmed_at).is_(None),
            col(AuthSecondFactor.created_at) < now - KEPT,
        ),
        delete(AuthEvent).where(col(AuthEvent.at) < now - timedelta(days=settings.AUTH_AUDIT_DAYS)),
    ]
    with db_session() as session:
        connection = session.connection()
        # Before the links go by which they are known.
        results = [connection.execute(unconfirmed(now - KEPT))]
        results += [connection.execute(statement) for statement in statements]
    return sum(result.rowcount for result in results)


def unconfirmed(before: datetime) -> Delete:
    """Accounts of registrations that were never confirmed; who was invited is not among them."""
    registered = select(AuthLink.user_id).where(AuthLink.purpose == LinkPurpose.VERIFY_EMAIL)
    invited = select(AuthLink.user_id).where(AuthLink.purpose == LinkPurpose.RESET_PASSWORD)
    return delete(User).where(
        col(User.is_verified).is_(False),
        col(User.password_hash).is_(None),
        col(User.created_at) < before,
        col(User.id).in_(registered),
        col(User.id).not_in(invited),
    )


async def purge_regularly() -> None:
    """Once an hour. Several processes do not disturb each other."""
    while True:
        try:
            removed, resealed = await purge(), await renew_seals()
            log.debug("auth_purged", rows=removed, resealed=resealed)
        except Exception as error:
            log.warning("auth_purge_failed", reason=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)


@asynccontextmanager
async def housekeeping() -> AsyncGenerator[None]:
    """Keep house as long as the block runs."""
    async with meanwhile(purge_regularly()):
        yield

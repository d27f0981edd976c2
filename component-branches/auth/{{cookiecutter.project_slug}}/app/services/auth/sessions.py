"""Sessions: one row for each time that somebody signed in, whatever happens to its tokens.

A refresh token is `session.generation.key.signature`; nothing of it is stored. Renewing adds one to
the generation in a single statement, so of any number of requests with the same token one takes the
step. Within a few seconds the others get the very same successor: a second tab, or a phone that
lost an answer. Later, or with an older token, somebody has a copy: the session ends.

Whoever reads first and writes then would fork a session, on SQLite and on PostgreSQL: keep the order.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Update, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.config import settings
from app.core.db import db_session
from app.core.errors import NotFoundError
from app.core.security import (
    InvalidTokenError,
    create_access_token,
    decode_access_token,
    key_ring,
)
from app.models.auth import AuthSession
from app.models.user import User, utc_now
from app.services.auth import throttle
from app.services.auth.audit import Event, record
from app.services.auth.errors import SessionOverError
from app.services.auth.models import Client, Identity, Tokens

PURPOSE = "refresh-token"
_REFRESH_TOKEN = re.compile(
    r"([0-9a-f]{32})\.([0-9]{1,9})\.([0-9a-f]{16})\.([0-9a-f]{64})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """What a refresh token says."""

    session_id: UUID
    generation: int


async def open_session(
    session: AsyncSession, user: User, client: Client, *, is_cookie: bool = False
) -> Tokens:
    """Begin a session. `user` is as it was when the password was checked: had its sessions been
    ended meanwhile, then this one begins ended."""
    now = utc_now()
    opened = AuthSession(
        user_id=user.id,
        epoch=user.session_epoch,
        is_cookie=is_cookie,
        created_at=now,
        renewed_at=now,
        expires_at=now + timedelta(days=settings.AUTH_SESSION_DAYS),
        address=client.address,
        user_agent=client.user_agent,
    )
    session.add(opened)
    await session.flush()
    return tokens_for(opened, now)


async def authenticate(access_token: str) -> Identity:
    """Who shows this token.

    Raises:
        SessionOverError: It is none of ours, its time is over, or its session or account is.
    """
    try:
        claims = decode_access_token(access_token)
    except InvalidTokenError:
        raise SessionOverError from None
    identity = await resume(claims.session_id)
    if identity.user.id != claims.user_id:
        raise SessionOverError
    return identity


async def resume(session_id: UUID) -> Identity:
    """Whose session this is, if it goes on.

    Raises:
        SessionOverError: It does not.
    """
    async with db_session() as session:
        found = await find(session, session_id)
    if found is None or not is_live(*found, utc_now()):
        raise SessionOverError
    return Identity(found[1], found[0].id, found[0].is_cookie)


async def identify(refresh_token: str) -> Identity:
    """Whose session this refresh token is of, for signing out with it. An older one will do: whoever
    lost an answer wants to leave all the same, and with a copy somebody else can do nothing but end it.

    Raises:
        SessionOverError: Nobody.
    """
    given = read_refresh_token(refresh_token)
    async with db_session() as session:
        found = await find(session, given.session_id)
    if found is None or not is_live(*found, utc_now()):
        raise SessionOverError
    return Identity(found[1], found[0].id, found[0].is_cookie)


async def renew(refresh_token: str, client: Client) -> Tokens:
    """New tokens for the newest refresh token of a session.

    Raises:
        SessionOverError: It is none of ours, or the session is over. A token that was used before
            ends it.
    """
    await throttle.by_address("refresh", throttle.REFRESHES, client.address)
    given = read_refresh_token(refresh_token)
    now = utc_now()
    async with db_session() as session:
        # Nothing may be read before this statement.
        is_first = await changes(session, _step(given, now))
        found = await find(session, given.session_id)
        if found is None:
            raise SessionOverError
        row, user = found
        if is_live(row, user, now) and (is_first or _is_repeated(row, given, now)):
            if not is_first:
                record(session, Event.REFRESH_REPEATED, client, user_id=user.id)
            return tokens_for(row, now)
        if await changes(session, _end(row.id, now)):
            is_copy = not is_first and given.generation != row.generation
            event = Event.REFRESH_REUSED if is_copy else Event.SESSION_ENDED
            record(session, event, client, user_id=user.id, session_id=str(row.id))
    raise SessionOverError


async def list_sessions(user: User) -> Sequence[AuthSession]:
    """The sessions of an account that go on, the latest first."""
    now = utc_now()
    async with db_session() as session:
        query = (
            select(AuthSession)
            .where(AuthSession.user_id == user.id, col(AuthSession.ended_at).is_(None))
            .order_by(col(AuthSession.renewed_at).desc())
        )
        return [row for row in await session.exec(query) if is_live(row, user, now)]


async def count_sessions() -> dict[UUID, int]:
    """How many sessions of each account go on."""
    now = utc_now()
    idle = now - timedelta(days=settings.AUTH_SESSION_IDLE_DAYS)
    query = (
        select(AuthSession.user_id, func.count())
        .join(User, col(User.id) == col(AuthSession.user_id))
        .where(
            col(AuthSession.ended_at).is_(None),
            AuthSession.epoch == User.session_epoch,
            col(AuthSession.expires_at) > now,
            col(AuthSession.renewed_at) > idle,
            col(User.is_active),
        )
        .group_by(col(AuthSession.user_id))
    )
    async with db_session() as session:
        return dict((await session.exec(query)).all())


async def end_session(
    user_id: UUID,
    session_id: UUID,
    client: Client,
    *,
    event: Event = Event.SESSION_ENDED,
    actor_id: UUID | None = None,
) -> None:
    """End one session of an account.

    Raises:
        NotFoundError: The account has no such session.
    """
    async with db_session() as session:
        statement = _end(session_id, utc_now()).where(col(AuthSession.user_id) == user_id)
        if not await changes(session, statement):
            raise NotFoundError("There is no such session.")
        record(
            session, event, client, user_id=user_id, actor_id=actor_id, session_id=str(session_id)
        )


async def end_all_sessions(
    session: AsyncSession, user_id: UUID, *, keep: UUID | None = None
) -> None:
    """End all sessions of an account, and those that begin at this moment, but one."""
    now = utc_now()
    epoch = col(User.session_epoch) + 1
    await changes(
        session,
        update(User)
        .where(col(User.id) == user_id)
        .values(session_epoch=epoch, updated_at=col(User.updated_at)),
    )
    rows = update(AuthSession).where(
        col(AuthSession.user_id) == user_id, col(AuthSession.ended_at).is_(None)
    )
    if keep is not None:
        current = select(User.session_epoch).where(User.id == user_id).scalar_subquery()
        await changes(session, rows.where(col(AuthSession.id) == keep).values(epoch=current))
        rows = rows.where(col(AuthSession.id) != keep)
    await changes(session, rows.values(ended_at=now))


def read_refresh_token(token: str) -> RefreshToken:
    """What a refresh token says.

    Raises:
        SessionOverError: We never made it.
    """
    parts = _REFRESH_TOKEN.fullmatch(token)
    if parts is None:
        raise SessionOverError
    session, generation, kid, signature = parts.groups()
    if not key_ring().is_signed(PURPOSE, f"{session}.{generation}", signature, kid):
        raise SessionOverError
    return RefreshToken(UUID(session), int(generation))


def tokens_for(row: AuthSession, now: datetime) -> Tokens:
    """The tokens of a session. The same generation always has the same refresh token."""
    key = key_ring().current
    text = f"{row.id.hex}.{row.generation}"
    left = row.expires_at - now
    lifetime = min(timedelta(minutes=settings.AUTH_ACCESS_TOKEN_MINUTES), left)
    return Tokens(
        session_id=row.id,
        expires_in=int(lifetime.total_seconds()),
        session_seconds=int(left.total_seconds()),
        access_token=create_access_token(row.user_id, row.id, lifetime),
        refresh_token=f"{text}.{key.kid}.{key.sign(PURPOSE, text)}",
        is_cookie=row.is_cookie,
    )


def is_live(row: AuthSession, user: User, now: datetime) -> bool:
    """Whether a session goes on."""
    return (
        row.ended_at is None
        and row.expires_at > now
        and row.renewed_at > now - timedelta(days=settings.AUTH_SESSION_IDLE_DAYS)
        and row.epoch == user.session_epoch
        and user.is_active
    )


async def find(session: AsyncSession, session_id: UUID) -> tuple[AuthSession, User] | None:
    """A session and its account."""
    query = (
        select(AuthSession, User)
        .where(AuthSession.id == session_id)
        .join(User, col(User.id) == col(AuthSession.user_id))
    )
    return (await session.exec(query)).first()


async def changes(session: AsyncSession, statement: Update | Delete) -> bool:
    """Run it; whether it changed a row."""
    connection = await session.connection()
    result: Any = await connection.execute(statement)
    return result.rowcount > 0


def _step(given: RefreshToken, now: datetime) -> Update:
    idle = now - timedelta(days=settings.AUTH_SESSION_IDLE_DAYS)
    return (
        update(AuthSession)
        .where(
            col(AuthSession.id) == given.session_id,
            col(AuthSession.generation) == given.generation,
            col(AuthSession.ended_at).is_(None),
            col(AuthSession.expires_at) > now,
            col(AuthSession.renewed_at) > idle,
        )
        .values(generation=given.generation + 1, renewed_at=now)
    )


def _end(session_id: UUID, now: datetime) -> Update:
    return (
        update(AuthSession)
        .where(col(AuthSession.id) == session_id, col(AuthSession.ended_at).is_(None))
        .values(ended_at=now)
    )


def _is_repeated(row: AuthSession, given: RefreshToken, now: datetime) -> bool:
    """Whether the token before the newest one comes again, and at once."""
    grace = timedelta(seconds=settings.AUTH_REFRESH_GRACE_SECONDS)
    return given.generation == row.generation - 1 and now - row.renewed_at <= grace

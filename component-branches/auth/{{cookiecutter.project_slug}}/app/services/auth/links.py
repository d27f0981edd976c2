"""Links in mails. They hold a secret that counts once, for one purpose and a short time."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.models.auth import AuthLink, LinkPurpose
from app.models.user import User, utc_now
from app.services.auth.errors import DeadLinkError
from app.services.auth.sessions import changes


def add_link(
    session: AsyncSession,
    user_id: UUID,
    purpose: LinkPurpose,
    lifetime: timedelta,
    *,
    full_name: str | None = None,
    password_hash: str | None = None,
) -> str:
    """Add a link to what the session will commit; its secret."""
    token = secrets.token_urlsafe(32)
    session.add(
        AuthLink(
            user_id=user_id,
            purpose=purpose,
            token_hash=hash_token(token),
            full_name=full_name,
            password_hash=password_hash,
            expires_at=utc_now() + lifetime,
        )
    )
    return token


async def look_at_link(
    session: AsyncSession, token: str, purpose: LinkPurpose
) -> tuple[AuthLink, User]:
    """What a link is for. It stays valid.

    Raises:
        DeadLinkError: It is not valid.
    """
    query = (
        select(AuthLink, User)
        .where(AuthLink.token_hash == hash_token(token), AuthLink.purpose == purpose)
        .join(User, col(User.id) == col(AuthLink.user_id))
    )
    found = (await session.exec(query)).first()
    if found is None or found[0].used_at is not None or found[0].expires_at <= utc_now():
        raise DeadLinkError
    if not found[1].is_active:
        raise DeadLinkError
    return found


async def use_link(
    session: AsyncSession, token: str, purpose: LinkPurpose
) -> tuple[AuthLink, User]:
    """Use a link up, and with it all others of the account. Of two at once one succeeds.

    Raises:
        DeadLinkError: It is not valid.
    """
    now = utc_now()
    taken = await changes(
        session,
        update(AuthLink)
        .where(
            col(AuthLink.token_hash) == hash_token(token),
            col(AuthLink.purpose) == purpose,
            col(AuthLink.used_at).is_(None),
            col(AuthLink.expires_at) > now,
        )
        .values(used_at=now),
    )
    if not taken:
        raise DeadLinkError
    query = (
        select(AuthLink, User)
        .where(AuthLink.token_hash == hash_token(token))
        .join(User, col(User.id) == col(AuthLink.user_id))
    )
    link, user = (await session.exec(query)).one()
    if not user.is_active:
        raise DeadLinkError
    await kill_links(session, user.id)
    return link, user


async def has_open_link(session: AsyncSession, user_id: UUID, purpose: LinkPurpose) -> bool:
    """Whether a link of an account still works."""
    query = select(AuthLink.id).where(
        AuthLink.user_id == user_id,
        AuthLink.purpose == purpose,
        col(AuthLink.used_at).is_(None),
        col(AuthLink.expires_at) > utc_now(),
    )
    return (await session.exec(query.limit(1))).first() is not None


async def kill_links(session: AsyncSession, user_id: UUID) -> None:
    """Let no link of an account count any more."""
    await changes(
        session,
        update(AuthLink)
        .where(col(AuthLink.user_id) == user_id, col(AuthLink.used_at).is_(None))
        .values(used_at=utc_now()),
    )


def hash_token(token: str) -> str:
    """What is stored. The secret is 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()

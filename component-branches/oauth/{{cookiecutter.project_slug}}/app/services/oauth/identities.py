"""Who an account is elsewhere: seen, added and removed by its owner."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.db import db_session
from app.core.errors import ConflictError, ForbiddenError, NotFoundError
from app.models.auth import AuthSession
from app.models.oauth import AuthIdentity
from app.models.user import User, utc_now
from app.services.auth import Client, Identity
from app.services.auth.audit import Event, record
from app.services.auth.sessions import changes
from app.services.mail import post
from app.services.oauth import messages
from app.services.oauth.models import Person
from app.services.oauth.providers import configured, title_of

FRESH = timedelta(minutes=10)
"""How long after signing in somebody may change the ways to sign in."""


async def check_fresh(identity: Identity) -> None:
    """Accept a session that has just begun: whoever finds an open one must not get a way in of their own.

    Raises:
        ForbiddenError: It is older. Renewing its tokens does not make it younger.
    """
    async with db_session() as session:
        row = await session.get(AuthSession, identity.session_id)
    if row is None or row.created_at < utc_now() - FRESH:
        minutes = int(FRESH.total_seconds() // 60)
        raise ForbiddenError(
            f"Sign in again first: this takes a sign-in of the last {minutes} minutes."
        )


async def find_identity(session: AsyncSession, person: Person) -> tuple[AuthIdentity, User] | None:
    """Whom somebody has been before."""
    query = (
        select(AuthIdentity, User)
        .where(AuthIdentity.issuer == person.issuer, AuthIdentity.subject == person.subject)
        .join(User, col(User.id) == col(AuthIdentity.user_id))
    )
    return (await session.exec(query)).first()


async def add_identity(
    session: AsyncSession, person: Person, user: User, client: Client
) -> AuthIdentity:
    """Let somebody sign in to an account from now on."""
    identity = AuthIdentity(
        user_id=user.id, issuer=person.issuer, subject=person.subject, email=person.address
    )
    session.add(identity)
    await session.flush()
    record(session, Event.IDENTITY_LINKED, client, user_id=user.id, issuer=person.issuer)
    return identity


async def list_identities(user_id: UUID) -> Sequence[AuthIdentity]:
    """Who an account is elsewhere, the oldest first."""
    query = (
        select(AuthIdentity)
        .where(AuthIdentity.user_id == user_id)
        .order_by(col(AuthIdentity.created_at), col(AuthIdentity.id))
    )
    async with db_session() as session:
        return (await session.exec(query)).all()


async def describe_identities(user_id: UUID) -> list[str]:
    """The same in words."""
    found = await list_identities(user_id)
    return [f"{title_of(row.issuer)} ({row.email or row.subject})" for row in found]


async def link(person: Person, user: User, client: Client) -> None:
    """Let the owner of an account sign in by this provider as well.

    Raises:
        ConflictError: Somebody else does already.
    """
    title = title_of(person.issuer)
    try:
        async with db_session() as session:
            await add_identity(session, person, user, client)
    except IntegrityError:
        async with db_session() as session:
            known = await find_identity(session, person)
        if known is None or known[1].id != user.id:
            raise ConflictError(f"That one of {title} belongs to another account.") from None
        return
    post(messages.linked(user.email, title))


async def unlink(user: User, identity_id: UUID, client: Client) -> None:
    """Let nobody sign in by it any more.

    Raises:
        NotFoundError: The account has no such identity.
        ConflictError: It is the last way to sign in.
    """
    async with db_session() as session:
        # A lock: of two at once, the second one sees what the first one has left.
        row = update(User).where(col(User.id) == user.id)
        await changes(session, row.values(updated_at=col(User.updated_at)))
        owner = await session.get_one(User, user.id, populate_existing=True)
        query = select(AuthIdentity).where(AuthIdentity.user_id == user.id)
        rows = (await session.exec(query)).all()
        gone = next((row for row in rows if row.id == identity_id), None)
        if gone is None:
            raise NotFoundError("There is no such identity.")
        usable = {provider.issuer for provider in configured().values()}
        others = [row for row in rows if row.id != identity_id and row.issuer in usable]
        if owner.password_hash is None and not others:
            raise ConflictError(
                "This is the last way to sign in to your account. Set a password first "
                "(ask for a new one where you sign in), or link another one."
            )
        await session.delete(gone)
        record(session, Event.IDENTITY_UNLINKED, client, user_id=user.id, issuer=gone.issuer)
    post(messages.unlinked(user.email, title_of(gone.issuer)))

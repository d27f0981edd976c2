"""What administrators do with the accounts of others. They never choose, and never see, a password."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.db import db_session
from app.core.errors import AppError, ConflictError, ForbiddenError, NotFoundError
from app.models.auth import LinkPurpose
from app.models.user import Role, User
from app.services.auth import hashing, messages, second_factor
from app.services.auth.accounts import INVITATION, replace_password
from app.services.auth.audit import Event, record
from app.services.auth.links import add_link, kill_links
from app.services.auth.models import Client
from app.services.auth.sessions import end_all_sessions
from app.services.mail import post

ADMIN: Role = "admin"
ROLES: tuple[Role, ...] = get_args(Role)
TAKEN = "There is an account for this address already."


@dataclass(frozen=True, slots=True)
class UserPage:
    """Some of the accounts that fit."""

    users: Sequence[User]
    total: int


async def list_users(
    search: str = "",
    *,
    role: Role | None = None,
    is_active: bool | None = None,
    offset: int = 0,
    limit: int = 50,
) -> UserPage:
    """The accounts whose address or name holds a text, the oldest first."""
    query = select(User)
    if search:
        # Escaped: what people type holds no wildcards.
        words = or_(
            col(User.email).icontains(search, autoescape=True),
            col(User.full_name).icontains(search, autoescape=True),
        )
        query = query.where(words)
    if role is not None:
        query = query.where(User.role == role)
    if is_active is not None:
        query = query.where(User.is_active == is_active)
    async with db_session() as session:
        total = (await session.exec(select(func.count()).select_from(query.subquery()))).one()
        ordered = query.order_by(col(User.created_at), col(User.id)).offset(offset).limit(limit)
        return UserPage((await session.exec(ordered)).all(), total)


async def get_user(user_id: UUID) -> User:
    """An account.

    Raises:
        NotFoundError: There is none.
    """
    async with db_session() as session:
        return await _get(session, user_id)


async def get_user_by_email(email: str) -> User:
    """The account of a normalised address.

    Raises:
        NotFoundError: There is none.
    """
    async with db_session() as session:
        user = (await session.exec(select(User).where(User.email == email))).first()
    if user is None:
        raise NotFoundError(f"There is no account for {email}.")
    return user


async def refuse_taken(email: str) -> None:
    """Ask before somebody chooses a password; `create_user` asks again.

    Raises:
        ConflictError: There is an account for this address.
    """
    async with db_session() as session:
        if (await session.exec(select(User.id).where(User.email == email))).first() is not None:
            raise ConflictError(TAKEN)


async def create_user(
    email: str,
    full_name: str = "",
    role: Role = "user",
    *,
    client: Client,
    actor_id: UUID | None = None,
    password: str | None = None,
) -> User:
    """Make an account. Without a password its owner gets a link to choose one.

    Raises:
        ConflictError: There is one for this address.
    """
    hashed = await hashing.hash_password(password) if password is not None else None
    user = User(
        email=email,
        full_name=full_name,
        role=role,
        password_hash=hashed,
        is_verified=password is not None,
    )
    token = None
    try:
        async with db_session() as session:
            session.add(user)
            await session.flush()
            if password is None:
                token = add_link(session, user.id, LinkPurpose.RESET_PASSWORD, INVITATION)
            record(
                session, Event.USER_CREATED, client, user_id=user.id, actor_id=actor_id, role=role
            )
    except IntegrityError:
        raise ConflictError(TAKEN) from None
    if token is not None:
        post(messages.invitation(user.email, token, INVITATION))
    return user


async def set_role(
    user_id: UUID, role: Role, *, client: Client, actor_id: UUID | None = None
) -> User:
    """Give an account another role. It counts from the next request on.

    Raises:
        ConflictError: Nobody would be an administrator any more.
    """
    async with db_session() as session:
        await _lock_admins(session)
        user = await _get(session, user_id)
        if user.role != role:
            record(
                session,
                Event.ROLE_CHANGED,
                client,
                user_id=user.id,
                actor_id=actor_id,
                before=user.role,
                after=role,
            )
            had_role = user.role == ADMIN
            user.role = role
            session.add(user)
            await session.flush()
            if had_role:
                await _one_admin_is_left(session)
    return user


async def set_active(
    user_id: UUID, is_active: bool, *, client: Client, actor_id: UUID | None = None
) -> User:
    """Open or close an account. Closing ends its sessions and links.

    Raises:
        ConflictError: Nobody would be an administrator any more.
    """
    async with db_session() as session:
        await _lock_admins(session)
        user = await _get(session, user_id)
        if user.is_active != is_active:
            event = Event.ACTIVATED if is_active else Event.DEACTIVATED
            record(session, event, client, user_id=user.id, actor_id=actor_id)
            user.is_active = is_active
            session.add(user)
            await session.flush()
            if not is_active:
                await end_all_sessions(session, user.id)
                await kill_links(session, user.id)
                if user.role == ADMIN:
                    await _one_admin_is_left(session)
    return user


async def end_sessions(user_id: UUID, *, client: Client, actor_id: UUID | None = None) -> None:
    """Sign an account out everywhere."""
    async with db_session() as session:
        await _get(session, user_id)
        await end_all_sessions(session, user_id)
        record(session, Event.ALL_SESSIONS_ENDED, client, user_id=user_id, actor_id=actor_id)


async def send_reset(user_id: UUID, *, client: Client, actor_id: UUID | None = None) -> None:
    """Mail the owner a link to choose a new password."""
    async with db_session() as session:
        user = await _get(session, user_id)
        if not user.is_active:
            raise AppError("The account is deactivated.")
        token = add_link(session, user.id, LinkPurpose.RESET_PASSWORD, INVITATION)
        record(session, Event.RESET_REQUESTED, client, user_id=user.id, actor_id=actor_id)
    post(messages.reset_password(user.email, token, INVITATION))


async def reset_second_factor(
    user_id: UUID, *, client: Client, actor_id: UUID | None = None
) -> User:
    """Remove the second factor of somebody who has lost it; it ends their sessions.

    Raises:
        ForbiddenError: It is the own one, which takes a password and a code.
        ConflictError: There is none.
    """
    if user_id == actor_id:
        raise ForbiddenError("Disable your own second factor with your password and a code.")
    async with db_session() as session:
        removed = await second_factor.remove(session, user_id)
        user = await _get(session, user_id)
        if not removed:
            raise ConflictError("The account has no second factor.")
        await end_all_sessions(session, user.id)
        record(session, Event.SECOND_FACTOR_RESET, client, user_id=user.id, actor_id=actor_id)
    post(messages.second_factor_off(user.email))
    return user


async def set_password(user_id: UUID, password: str, *, client: Client) -> None:
    """Set a password from the command line, for whoever has the machine; it ends all sessions."""
    hashed = await hashing.hash_password(password)
    async with db_session() as session:
        user = await _get(session, user_id)
        await replace_password(session, user, hashed)
        await kill_links(session, user.id)
        record(session, Event.PASSWORD_RESET, client, user_id=user.id)


async def _get(session: AsyncSession, user_id: UUID) -> User:
    user = await session.get(User, user_id)
    if user is None:
        raise NotFoundError("There is no such account.")
    return user


async def _lock_admins(session: AsyncSession) -> None:
    """Let no two administrators remove each other at once (PostgreSQL; SQLite has one writer)."""
    query = select(User.id).where(User.role == ADMIN).order_by(col(User.id)).with_for_update()
    await session.exec(query)


async def _one_admin_is_left(session: AsyncSession) -> None:
    query = select(User.id).where(User.role == ADMIN, col(User.is_active)).limit(1)
    if (await session.exec(query)).first() is None:
        raise ConflictError("This is the last administrator: make another one first.")

"""What people do with their own accounts."""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.config import settings
from app.core.db import db_session
from app.core.errors import AppError, ForbiddenError
from app.models.auth import LinkPurpose
from app.models.user import User, UserCreate, UserUpdate, utc_now
from app.services.auth import hashing, messages, throttle
from app.services.auth.audit import Event, record
from app.services.auth.errors import DeadLinkError
from app.services.auth.links import (
    add_link,
    has_open_link,
    kill_links,
    look_at_link,
    use_link,
)
from app.services.auth.login import find_by_email
from app.services.auth.models import Client, Identity
from app.services.auth.passwords import check_password
from app.services.auth.sessions import changes, end_all_sessions, end_session
from app.services.mail import Mail, outbox, post

INVITATION = timedelta(hours=24)
FIRST_ROLE = User.model_fields["role"].default
"""Of whoever registers; only administrators give another one."""


def link_lifetime() -> timedelta:
    """How long a link in a mail works."""
    return timedelta(minutes=settings.AUTH_LINK_MINUTES)


async def register(new: UserCreate, client: Client) -> None:
    """Mail a link that makes the account. Nobody learns here whether there is one already.

    Raises:
        WeakPasswordError: The password is not accepted.
        TooManyRequestsError: Too many registrations from this address, or of this account.
    """
    if not settings.AUTH_REGISTRATION_ENABLED:
        raise ForbiddenError("Registration is closed. Ask an administrator for an account.")
    await throttle.by_address("register", throttle.REGISTRATIONS, client.address)
    check_password(new.password, new.email, new.full_name)
    await throttle.by_account("mail", throttle.MAILS_TO_AN_ADDRESS, new.email)
    hashed = await hashing.hash_password(new.password)
    # What comes now takes longer for some than for others, so nobody waits for it.
    outbox.start(_register(new, hashed, client))


async def _register(new: UserCreate, hashed: str, client: Client) -> None:
    try:
        post_later = await _store_registration(new, hashed, client)
    except IntegrityError:
        # Two at once: now it is there.
        post_later = await _store_registration(new, hashed, client)
    if post_later is not None:
        post(post_later)


async def _store_registration(new: UserCreate, hashed: str, client: Client) -> Mail | None:
    async with db_session() as session:
        user = await find_by_email(session, new.email)
        if user is None:
            user = User(email=new.email, full_name=new.full_name)
            session.add(user)
            await session.flush()
            record(session, Event.REGISTERED, client, user_id=user.id)
        else:
            record(session, Event.REGISTERED_AGAIN, client, user_id=user.id)
        if not user.is_active:
            return None
        if user.is_verified or await is_promised(session, user):
            return messages.already_registered(user.email)
        lifetime = link_lifetime()
        token = add_link(
            session,
            user.id,
            LinkPurpose.VERIFY_EMAIL,
            lifetime,
            full_name=new.full_name,
            password_hash=hashed,
        )
        return messages.confirm_address(user.email, token, lifetime)


async def is_promised(session: AsyncSession, user: User) -> bool:
    """Whether an account that nobody has confirmed yet is somebody's already: an administrator gave it a
    role, or a link to choose its password is on its way. A stranger who registers its address must not
    be the one whose password counts, though its owner opens the link."""
    return user.role != FIRST_ROLE or await has_open_link(
        session, user.id, LinkPurpose.RESET_PASSWORD
    )


async def verify_email(token: str, client: Client) -> None:
    """Make the account that a registration asked for.

    Raises:
        DeadLinkError: The link is not valid.
    """
    await throttle.by_address("link", throttle.LINKS, client.address)
    async with db_session() as session:
        link, user = await use_link(session, token, LinkPurpose.VERIFY_EMAIL)
        # The role may have come after the registration.
        if user.is_verified or user.role != FIRST_ROLE:
            raise DeadLinkError
        user.is_verified = True
        user.full_name = link.full_name or ""
        user.password_hash = link.password_hash
        user.password_changed_at = utc_now()
        session.add(user)
        record(session, Event.EMAIL_VERIFIED, client, user_id=user.id)


async def request_reset(email: str, client: Client) -> None:
    """Mail a link to choose a new password, if there is such an account.

    Raises:
        TooManyRequestsError: Too many from this address, or for this account.
    """
    await throttle.by_address("reset", throttle.RESETS, client.address)
    await throttle.by_account("mail", throttle.MAILS_TO_AN_ADDRESS, email)
    outbox.start(_mail_reset(email, client))


async def _mail_reset(email: str, client: Client) -> None:
    lifetime = link_lifetime()
    async with db_session() as session:
        user = await find_by_email(session, email)
        if user is None or not user.is_active:
            return
        token = add_link(session, user.id, LinkPurpose.RESET_PASSWORD, lifetime)
        record(session, Event.RESET_REQUESTED, client, user_id=user.id)
    post(messages.reset_password(user.email, token, lifetime))


async def reset_password(token: str, password: str, client: Client) -> None:
    """Set the password with a link; it ends all sessions. The link proves the address as well.

    Raises:
        DeadLinkError: The link is not valid.
        WeakPasswordError: The password is not accepted; the link stays valid.
    """
    await throttle.by_address("link", throttle.LINKS, client.address)
    async with db_session() as session:
        _, user = await look_at_link(session, token, LinkPurpose.RESET_PASSWORD)
    check_password(password, user.email, user.full_name)
    hashed = await hashing.hash_password(password)
    async with db_session() as session:
        _, user = await use_link(session, token, LinkPurpose.RESET_PASSWORD)
        await replace_password(session, user, hashed)
        record(session, Event.PASSWORD_RESET, client, user_id=user.id)
    post(messages.password_changed(user.email))


async def replace_password(session: AsyncSession, user: User, hashed: str) -> None:
    """Give an account another password, though nobody showed the old one; all its sessions end."""
    user.password_hash = hashed
    user.password_changed_at = utc_now()
    user.is_verified = True
    session.add(user)
    await session.flush()
    await end_all_sessions(session, user.id)


async def change_password(identity: Identity, current: str, password: str, client: Client) -> None:
    """Change the own password; it ends all other sessions.

    Raises:
        AppError: The current password is not right.
        WeakPasswordError: The new one is not accepted.
    """
    user = identity.user
    await check_current_password(user, current, client, Event.PASSWORD_CHANGE_FAILED)
    check_password(password, user.email, user.full_name)
    hashed = await hashing.hash_password(password)
    async with db_session() as session:
        is_ours = await changes(
            session,
            update(User)
            .where(col(User.id) == user.id, col(User.password_hash) == user.password_hash)
            .values(password_hash=hashed, password_changed_at=utc_now()),
        )
        if not is_ours:
            raise AppError("The password was changed meanwhile. Nothing has changed.")
        await end_all_sessions(session, user.id, keep=identity.session_id)
        await kill_links(session, user.id)
        record(session, Event.PASSWORD_CHANGED, client, user_id=user.id)
    post(messages.password_changed(user.email))


async def check_current_password(user: User, current: str, client: Client, failed: Event) -> None:
    """Let somebody who is signed in show that they know the password as well.

    Raises:
        AppError: It is not right.
        TooManyRequestsError: Too many tries: they count together with logins.
    """
    await throttle.login_from(client.address)
    await throttle.login_to(user.email, client.address)
    is_right, _ = await hashing.verify_password(current, user.password_hash)
    if not is_right:
        async with db_session() as session:
            record(session, failed, client, user_id=user.id)
        raise AppError("The current password is not right.")


async def update_profile(identity: Identity, change: UserUpdate, client: Client) -> User:
    """Change what people may change about themselves."""
    async with db_session() as session:
        user = await session.get_one(User, identity.user.id)
        user.full_name = change.full_name
        session.add(user)
        record(session, Event.PROFILE_CHANGED, client, user_id=user.id)
    return user


async def log_out(identity: Identity, client: Client) -> None:
    """End this session."""
    await end_session(identity.user.id, identity.session_id, client, event=Event.LOGGED_OUT)


async def log_out_everywhere(identity: Identity, client: Client) -> None:
    """End all sessions."""
    async with db_session() as session:
        await end_all_sessions(session, identity.user.id)
        record(session, Event.ALL_SESSIONS_ENDED, client, user_id=identity.user.id)

"""From somebody whom a provider knows to an account of ours, and into a session.

An account is found by its address only if both sides have verified it: the provider says that the address is
theirs, and the account was confirmed. Otherwise whoever registers an address that is not theirs would share
the account with its owner.
"""

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.config import settings
from app.core.db import db_session
from app.core.errors import AppError
from app.models.oauth import AuthIdentity
from app.models.user import Role, User, utc_now
from app.services.auth import Client, Tokens
from app.services.auth.audit import Event, record
from app.services.auth.login import begin_or_ask, find_by_email
from app.services.mail import post
from app.services.oauth import messages
from app.services.oauth.errors import (
    ClosedAccountError,
    NoAccountError,
    RefusedError,
    UnconfirmedAccountError,
    UnverifiedEmailError,
    WrongRoleError,
)
from app.services.oauth.identities import add_identity, find_identity
from app.services.oauth.models import Person
from app.services.oauth.providers import title_of


@dataclass(frozen=True, slots=True)
class Arrival:
    """Whose account it is."""

    user: User
    identity: AuthIdentity
    is_first: bool = False
    """Whether an account that was there gets this identity now."""


async def sign_in(
    person: Person, client: Client, *, is_cookie: bool = False, role: Role | None = None
) -> Tokens:
    """Begin a session for whoever a provider knows; with `role`, only for those who have it.

    Raises:
        RefusedError: They have no account that may do this, and get none.
        CodeNeededError: The account has a second factor, and `log_in_with_code` takes the rest.
    """
    try:
        return await _sign_in(person, client, is_cookie=is_cookie, role=role)
    except IntegrityError:
        # Two at once: now it is there.
        return await _sign_in(person, client, is_cookie=is_cookie, role=role)


async def _sign_in(person: Person, client: Client, *, is_cookie: bool, role: Role | None) -> Tokens:
    # What is raised in the end is raised after the transaction, which keeps what happened.
    outcome: Tokens | AppError
    async with db_session() as session:
        try:
            arrival = await arrive(session, person, client, role)
        except RefusedError as error:
            outcome = error
            record(
                session,
                Event.LOGIN_FAILED,
                client,
                user_id=error.user_id,
                reason=error.reason,
                by=person.issuer,
            )
        else:
            user = arrival.user
            arrival.identity.last_used_at = utc_now()
            arrival.identity.email = person.address
            session.add(arrival.identity)
            outcome = await begin_or_ask(
                session, user, client, is_cookie=is_cookie, by=person.issuer
            )
            if arrival.is_first:
                post(messages.linked(user.email, title_of(person.issuer)))
    if isinstance(outcome, AppError):
        raise outcome
    return outcome


async def arrive(
    session: AsyncSession, person: Person, client: Client, role: Role | None
) -> Arrival:
    """The account of somebody: they have come before, or it is found by their address, or made now.

    Raises:
        RefusedError: There is none that they may use.
    """
    title = title_of(person.issuer)
    known = await find_identity(session, person)
    if known is not None:
        identity, user = known
        check_usable(user, role, title)
        return Arrival(user, identity)
    if person.address is None or not person.is_email_verified:
        raise UnverifiedEmailError(title)
    found = await find_by_email(session, person.address)
    if found is not None:
        check_usable(found, role, title)
        return Arrival(found, await add_identity(session, person, found, client), is_first=True)
    if role is not None or not settings.AUTH_REGISTRATION_ENABLED:
        raise NoAccountError
    new = User(email=person.address, full_name=person.full_name, is_verified=True)
    session.add(new)
    await session.flush()
    record(session, Event.REGISTERED, client, user_id=new.id, by=person.issuer)
    return Arrival(new, await add_identity(session, person, new, client))


def check_usable(user: User, role: Role | None, title: str) -> None:
    """Accept an account that can be used.

    Raises:
        RefusedError: It cannot.
    """
    if not user.is_active:
        raise ClosedAccountError(user.id)
    if not user.is_verified:
        raise UnconfirmedAccountError(title, user.id)
    if role not in (None, user.role):
        raise WrongRoleError(user.id)

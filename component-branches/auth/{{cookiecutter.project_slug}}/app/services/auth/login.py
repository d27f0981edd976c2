"""Signing in: with a password, and with a code if the account has a second factor."""

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.config import settings
from app.core.db import db_session
from app.core.validation import normalise_email
from app.models.user import Role, User, utc_now
from app.services.auth import challenges, hashing, messages, recovery, throttle
from app.services.auth.audit import Event, record
from app.services.auth.codes import FREE_TRIES, CheckedCode, Method, use_code
from app.services.auth.errors import (
    ChallengeOverError,
    CodeNeededError,
    WrongLoginCodeError,
    WrongLoginError,
)
from app.services.auth.known_passwords import password_of_test_user
from app.services.auth.models import Client, Tokens
from app.services.auth.sessions import changes, open_session
from app.services.mail import post


async def log_in(
    email: str, password: str, client: Client, *, is_cookie: bool = False, role: Role | None = None
) -> Tokens:
    """Begin a session for whoever knows the password; with `role`, only for those who have it.

    An account that does not exist takes the same time and the same words as a wrong password. So do
    those that are not confirmed or not active: they are looked at after the password.

    Raises:
        WrongLoginError: No.
        CodeNeededError: The password is right, and `log_in_with_code` takes the rest.
        TooManyRequestsError: Too many tries from this address, or for this account.
        BusyError: Too many sign in at this moment.
    """
    await throttle.login_from(client.address)
    try:
        account = normalise_email(email)
    except ValueError:
        account = ""
    await throttle.login_to(account or email, client.address)
    # A flood from many addresses takes no connections to the database.
    hashing.pool().refuse_when_full()
    async with db_session() as session:
        user = await find_by_email(session, account)
    # No connection is held while the password is checked: that takes long.
    is_right, renewed = await hashing.verify_password(
        password, user.password_hash if user else None
    )
    async with db_session() as session:
        if user is None or not is_right or not may_log_in(user, role, password):
            reason = reason_of_refusal(user, is_right)
            user_id = user.id if user else None
            record(session, Event.LOGIN_FAILED, client, user_id=user_id, reason=reason)
            refusal: Exception = WrongLoginError()
        else:
            await renew_hash(session, user, renewed)
            outcome = await begin_or_ask(session, user, client, is_cookie=is_cookie, by="password")
            if isinstance(outcome, Tokens):
                return outcome
            refusal = outcome
    raise refusal


async def begin_or_ask(
    session: AsyncSession, user: User, client: Client, *, is_cookie: bool, by: str
) -> Tokens | CodeNeededError:
    """Begin the session of somebody who has shown who they are, or ask for the code that they owe.

    Every way to sign in comes here, after it has seen that the account may be used. What is returned is
    raised by the caller, once the challenge is committed.
    """
    if user.second_factor_at is None:
        return await begin(session, user, client, is_cookie=is_cookie, by=by)
    token = challenges.add_challenge(session, user, is_cookie=is_cookie)
    record(session, Event.CODE_ASKED, client, user_id=user.id, by=by)
    return CodeNeededError(token, int(challenges.LIFETIME.total_seconds()))


async def log_in_with_code(
    token: str, code: str, client: Client, *, role: Role | None = None
) -> Tokens:
    """Begin the session for which somebody owes a code.

    Raises:
        ChallengeOverError: It was used, is too old, or was never made.
        WrongLoginCodeError: The code is wrong; the challenge stays valid.
        TooManyRequestsError: Too many codes from this address, or for this account.
    """
    await throttle.code_from(client.address)
    async with db_session() as session:
        challenge, user = await challenges.look_at_challenge(session, token)
    if role not in (None, user.role):
        raise ChallengeOverError
    async with db_session() as session:
        checked = await use_code(session, user.id, code)
        if checked.method is None:
            record(session, Event.CODE_FAILED, client, user_id=user.id)
            left = 0
        else:
            await challenges.use_challenge(session, challenge.id)
            left = await recovery.count_codes(session, user.id)
            tokens = await begin(
                session, user, client, is_cookie=challenge.is_cookie, method=checked.method
            )
    tell_owner(user, checked, left)
    if checked.method is None:
        raise WrongLoginCodeError
    return tokens


async def begin(
    session: AsyncSession,
    user: User,
    client: Client,
    *,
    is_cookie: bool,
    method: Method | None = None,
    by: str | None = None,
) -> Tokens:
    """Begin the session of somebody who has shown all that it takes."""
    last = {"last_login_at": utc_now(), "updated_at": col(User.updated_at)}
    await changes(session, update(User).where(col(User.id) == user.id).values(**last))
    tokens = await open_session(session, user, client, is_cookie=is_cookie)
    record(
        session,
        Event.LOGGED_IN,
        client,
        user_id=user.id,
        session_id=str(tokens.session_id),
        second_factor=method,
        by=by,
    )
    return tokens


def tell_owner(user: User, checked: CheckedCode, recovery_codes_left: int) -> None:
    """Mail what they should know of."""
    if checked.method == "recovery code":
        post(messages.recovery_code_used(user.email, recovery_codes_left))
    elif checked.failures == FREE_TRIES:
        post(messages.wrong_codes(user.email))


def may_log_in(user: User, role: Role | None, password: str) -> bool:
    """Whether an account can be used at all."""
    if settings.is_production and password == password_of_test_user(user.email):
        # The database comes from a machine where test users were made.
        return False
    return user.is_active and user.is_verified and role in (None, user.role)


def reason_of_refusal(user: User | None, is_right: bool) -> str:
    """For the audit log alone."""
    if user is None:
        return "no such account"
    if not is_right:
        return "wrong password"
    if not user.is_active:
        return "deactivated"
    return "not allowed" if user.is_verified else "not confirmed"


async def renew_hash(session: AsyncSession, user: User, renewed: str | None) -> None:
    """Renew the hash if it was made with older parameters."""
    if renewed is not None:
        # Unless somebody has changed the password meanwhile.
        same = col(User.password_hash) == user.password_hash
        row = update(User).where(col(User.id) == user.id, same)
        await changes(session, row.values(password_hash=renewed))


async def find_by_email(session: AsyncSession, email: str) -> User | None:
    """The account of a normalised address."""
    return (await session.exec(select(User).where(User.email == email))).first()

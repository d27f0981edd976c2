"""The second factor of an account: setting it up, recovery codes, and removing it.

What changes it takes the password, and whoever has a second factor already shows a code as well: a
session that was left open is not enough. Resetting the password does not touch it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.config import settings
from app.core.db import db_session
from app.core.errors import ConflictError
from app.core.security import BrokenSealError, seal_begins_with
from app.models.auth import AuthSecondFactor
from app.models.user import User, utc_now
from app.services.auth import codes, messages, recovery, throttle, totp
from app.services.auth.accounts import check_current_password
from app.services.auth.audit import Event, record
from app.services.auth.errors import WrongCodeError
from app.services.auth.models import Client, Identity
from app.services.auth.sessions import changes, end_all_sessions
from app.services.mail import post

SETTING_UP = timedelta(minutes=30)
"""How long somebody has from the secret to the first code."""


@dataclass(frozen=True, slots=True)
class Status:
    """What an account has."""

    enabled_at: datetime | None
    recovery_codes_left: int
    is_required: bool


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app has to know."""

    secret: str = field(repr=False)
    address: str = field(repr=False)
    """`otpauth://...`: a phone opens it with its app, and a QR code would hold it."""


def is_required(user: User) -> bool:
    """Whether the role of an account takes a second factor."""
    return user.role in settings.AUTH_SECOND_FACTOR_REQUIRED_ROLES


def is_missing(user: User) -> bool:
    """Whether it takes one, and has none."""
    return user.second_factor_at is None and is_required(user)


async def get_status(user: User) -> Status:
    """What an account has."""
    async with db_session() as session:
        left = await recovery.count_codes(session, user.id)
    return Status(user.second_factor_at, left, is_required(user))


async def start(identity: Identity, password: str, client: Client) -> Enrolment:
    """Make a secret. It counts for nothing until `confirm` has seen a code that was made of it.

    Raises:
        AppError: The password is not right.
        ConflictError: There is a second factor already.
    """
    user = identity.user
    await check_current_password(user, password, client, Event.SECOND_FACTOR_REFUSED)
    secret = totp.new_secret()
    try:
        async with db_session() as session:
            await changes(
                session,
                delete(AuthSecondFactor).where(
                    col(AuthSecondFactor.user_id) == user.id,
                    col(AuthSecondFactor.confirmed_at).is_(None),
                ),
            )
            sealed = codes.seal_secret(secret, user.id)
            session.add(AuthSecondFactor(user_id=user.id, sealed_secret=sealed))
            record(session, Event.SECOND_FACTOR_STARTED, client, user_id=user.id)
    except IntegrityError:
        raise ConflictError("There is a second factor already. Disable it first.") from None
    return Enrolment(secret, totp.address_of(secret, user.email))


async def confirm(identity: Identity, code: str, client: Client) -> Sequence[str]:
    """Switch it on with a first code; it ends all other sessions. The recovery codes: nobody sees them again.

    Raises:
        WrongCodeError: The code is not one of now.
        ConflictError: Nothing is being set up.
    """
    user = identity.user
    await throttle.code_from(client.address)
    now = utc_now()
    async with db_session() as session:
        row = await codes.find_factor(session, user.id)
        if row is None or row.confirmed_at is not None or row.created_at < now - SETTING_UP:
            raise ConflictError("No second factor is being set up. Start anew.")
        step = codes.step_of(row, recovery.spelling(code), now)
        if step is None:
            record(session, Event.CODE_FAILED, client, user_id=user.id)
        else:
            await _switch_on(session, row, step)
            made = await recovery.replace_codes(session, user.id)
            await end_all_sessions(session, user.id, keep=identity.session_id)
            record(session, Event.SECOND_FACTOR_ENABLED, client, user_id=user.id)
    if step is None:
        raise WrongCodeError
    post(messages.second_factor_on(user.email))
    return made


async def disable(identity: Identity, password: str, code: str, client: Client) -> None:
    """Remove the own second factor; it ends all other sessions.

    Raises:
        AppError: The password is not right.
        WrongCodeError: The code is not.
        TooManyRequestsError: Too many tries.
        ConflictError: There is none.
    """
    user = identity.user
    await _check_password(user, password, client)
    async with db_session() as session:
        is_right = await _check_code(session, user, code, client)
        if is_right:
            await remove(session, user.id)
            await end_all_sessions(session, user.id, keep=identity.session_id)
            record(session, Event.SECOND_FACTOR_DISABLED, client, user_id=user.id)
    if not is_right:
        raise WrongCodeError
    post(messages.second_factor_off(user.email))


async def replace_recovery_codes(
    identity: Identity, password: str, code: str, client: Client
) -> Sequence[str]:
    """New recovery codes; the old ones do not count any more.

    Raises:
        AppError: The password is not right.
        WrongCodeError: The code is not.
        TooManyRequestsError: Too many tries.
        ConflictError: There is no second factor.
    """
    user = identity.user
    await _check_password(user, password, client)
    made: Sequence[str] = ()
    async with db_session() as session:
        if await _check_code(session, user, code, client):
            made = await recovery.replace_codes(session, user.id)
            record(session, Event.RECOVERY_CODES_REPLACED, client, user_id=user.id)
    if not made:
        raise WrongCodeError
    post(messages.recovery_codes_replaced(user.email))
    return made


async def remove(session: AsyncSession, user_id: UUID) -> bool:
    """Remove the second factor of an account; whether there was one."""
    factor = delete(AuthSecondFactor).where(col(AuthSecondFactor.user_id) == user_id)
    await changes(session, factor)
    await recovery.remove_codes(session, user_id)
    row = update(User).where(col(User.id) == user_id, col(User.second_factor_at).is_not(None))
    return await changes(session, row.values(second_factor_at=None))


async def renew_seals() -> int:
    """Seal with the present key what an earlier one sealed, so that that one can go; how many."""
    renewed = 0
    async with db_session() as session:
        older = ~col(AuthSecondFactor.sealed_secret).startswith(seal_begins_with())
        for row in (await session.exec(select(AuthSecondFactor).where(older))).all():
            try:
                sealed = codes.seal_secret(codes.open_secret(row), row.user_id)
            except BrokenSealError:
                # Its owner signs in with a recovery code, or is reset.
                continue
            same = col(AuthSecondFactor.sealed_secret) == row.sealed_secret
            statement = update(AuthSecondFactor).where(same).values(sealed_secret=sealed)
            renewed += await changes(session, statement)
    return renewed


async def _switch_on(session: AsyncSession, row: AuthSecondFactor, step: int) -> None:
    now = utc_now()
    statement = (
        update(AuthSecondFactor)
        .where(col(AuthSecondFactor.id) == row.id, col(AuthSecondFactor.confirmed_at).is_(None))
        .values(confirmed_at=now, last_step=step)
    )
    if not await changes(session, statement):
        raise ConflictError("It was set up meanwhile. Start anew.")
    owner = update(User).where(col(User.id) == row.user_id)
    await changes(session, owner.values(second_factor_at=now))


async def _check_password(user: User, password: str, client: Client) -> None:
    if user.second_factor_at is None:
        raise ConflictError("There is no second factor.")
    await check_current_password(user, password, client, Event.SECOND_FACTOR_REFUSED)
    await throttle.code_from(client.address)


async def _check_code(session: AsyncSession, user: User, code: str, client: Client) -> bool:
    checked = await codes.use_code(session, user.id, code)
    if checked.method is None:
        record(session, Event.CODE_FAILED, client, user_id=user.id)
    return checked.method is not None

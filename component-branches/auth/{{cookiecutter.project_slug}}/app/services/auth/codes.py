"""Checks a code: of the authenticator app, or a recovery code. Each counts once, also of two at once.

A try is taken before the code is looked at, in a statement of its own: who sends a thousand codes at
once has as few tries as who sends them one by one. After some wrong codes each further one has to
wait, longer every time. Only those who know the password come so far, and recovery codes, which
nobody can guess, do not wait: nobody keeps an owner out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import Update, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.errors import TooManyRequestsError
from app.core.logging import get_logger
from app.core.security import BrokenSealError, seal, unseal
from app.models.auth import AuthSecondFactor
from app.models.user import utc_now
from app.services.auth import totp
from app.services.auth.recovery import spelling, use_recovery_code
from app.services.auth.sessions import changes

log = get_logger(__name__)

Method = Literal["app", "recovery code"]

PURPOSE = "second-factor"
FREE_TRIES = 5
"""So many wrong codes in a row wait for nothing."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CheckedCode:
    """What came of a code."""

    method: Method | None
    """None: it is wrong."""
    failures: int = 0
    """How many wrong ones have come in a row."""


WRONG = CheckedCode(None)


async def use_code(session: AsyncSession, user_id: UUID, code: str) -> CheckedCode:
    """Use a code up. Commit whatever it says: a wrong one counts as a try.

    Raises:
        TooManyRequestsError: There were too many wrong ones.
    """
    row = await find_factor(session, user_id)
    if row is None or row.confirmed_at is None:
        return WRONG
    text = spelling(code)
    if totp.CODE.fullmatch(text):
        return await _use_app(session, row, text)
    if not await use_recovery_code(session, user_id, text):
        return WRONG
    await changes(session, _row(row).values(failures=0, waits_until=None))
    return CheckedCode("recovery code")


async def find_factor(session: AsyncSession, user_id: UUID) -> AuthSecondFactor | None:
    """The app of an account, confirmed or not."""
    query = select(AuthSecondFactor).where(AuthSecondFactor.user_id == user_id)
    return (await session.exec(query)).first()


def step_of(row: AuthSecondFactor, code: str, now: datetime) -> int | None:
    """The step of a code, if it is one that counts."""
    try:
        secret = open_secret(row)
    except BrokenSealError:
        log.warning("auth_second_factor_unreadable", user_id=str(row.user_id))
        return None
    step = totp.step_of(secret, code, now)
    return step if step is not None and step > row.last_step else None


def seal_secret(secret: str, user_id: UUID) -> str:
    """The secret of an app, for the database."""
    return seal(secret, PURPOSE, user_id.hex)


def open_secret(row: AuthSecondFactor) -> str:
    """The secret again.

    Raises:
        BrokenSealError: The key is not in use any more.
    """
    return unseal(row.sealed_secret, PURPOSE, row.user_id.hex)


def wait_after(failures: int) -> timedelta | None:
    """How long the next code has to wait after so many wrong ones."""
    if failures < FREE_TRIES:
        return None
    return min(FIRST_WAIT * 2 ** min(failures - FREE_TRIES, 16), LONGEST_WAIT)


async def _use_app(session: AsyncSession, row: AuthSecondFactor, code: str) -> CheckedCode:
    now = utc_now()
    failures = await _take_a_try(session, row, now)
    step = step_of(row, code, now)
    if step is None:
        return CheckedCode(None, failures)
    # Whoever came with the same code at the same time finds that its step has passed.
    used = await changes(
        session,
        _row(row)
        .where(col(AuthSecondFactor.last_step) < step)
        .values(last_step=step, failures=0, waits_until=None),
    )
    return CheckedCode("app") if used else CheckedCode(None, failures)


async def _take_a_try(session: AsyncSession, row: AuthSecondFactor, now: datetime) -> int:
    """Count a try as a wrong one, until it turns out to be right; how many there were."""
    if row.waits_until is not None and row.waits_until > now:
        raise _wait(row.waits_until - now)
    failures = row.failures + 1
    pause = wait_after(failures)
    taken = await changes(
        session,
        _row(row)
        .where(col(AuthSecondFactor.failures) == row.failures)
        .values(failures=failures, waits_until=now + pause if pause is not None else None),
    )
    if not taken:
        raise _wait(timedelta(seconds=1))
    return failures


def _row(row: AuthSecondFactor) -> Update:
    return update(AuthSecondFactor).where(col(AuthSecondFactor.id) == row.id)


def _wait(pause: timedelta) -> TooManyRequestsError:
    seconds = max(1, round(pause.total_seconds()))
    log.warning("auth_throttled", what="code", by="account", retry_after=seconds)
    return TooManyRequestsError(
        f"Too many wrong codes. Try again in {seconds} seconds.",
        headers={"Retry-After": str(seconds)},
    )

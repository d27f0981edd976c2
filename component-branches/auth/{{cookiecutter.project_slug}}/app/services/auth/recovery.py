"""Recovery codes: for who has lost their app. Each counts once.

120 bits of chance: nobody guesses one, so a plain hash is enough (ASVS 6.5.2), and one can be looked
for and used up in a single statement.
"""

import base64
import secrets
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.models.auth import AuthRecoveryCode
from app.models.user import utc_now
from app.services.auth.links import hash_token
from app.services.auth.sessions import changes

NUMBER = 10
BYTES = 15
GROUP = 4


def new_code() -> str:
    """A code as its owner sees it: `abcd-efgh-...`. It holds neither 0 nor 1, which look like others."""
    text = base64.b32encode(secrets.token_bytes(BYTES)).decode().lower()
    return "-".join(text[i : i + GROUP] for i in range(0, len(text), GROUP))


def spelling(code: str) -> str:
    """The one spelling of a code: spaces, dashes and capitals mean nothing."""
    return "".join(code.split()).replace("-", "").lower()


async def replace_codes(session: AsyncSession, user_id: UUID) -> Sequence[str]:
    """Give an account new codes; the old ones do not count any more."""
    await remove_codes(session, user_id)
    codes = [new_code() for _ in range(NUMBER)]
    session.add_all(
        AuthRecoveryCode(user_id=user_id, code_hash=hash_token(spelling(code))) for code in codes
    )
    return codes


async def remove_codes(session: AsyncSession, user_id: UUID) -> None:
    """Remove those of an account."""
    await changes(session, delete(AuthRecoveryCode).where(col(AuthRecoveryCode.user_id) == user_id))


async def use_recovery_code(session: AsyncSession, user_id: UUID, code: str) -> bool:
    """Use a code up; whether it was one. Of two at once one succeeds."""
    return await changes(
        session,
        update(AuthRecoveryCode)
        .where(
            col(AuthRecoveryCode.user_id) == user_id,
            col(AuthRecoveryCode.code_hash) == hash_token(spelling(code)),
            col(AuthRecoveryCode.used_at).is_(None),
        )
        .values(used_at=utc_now()),
    )


async def count_codes(session: AsyncSession, user_id: UUID) -> int:
    """How many are left."""
    query = select(func.count()).where(
        AuthRecoveryCode.user_id == user_id, col(AuthRecoveryCode.used_at).is_(None)
    )
    return (await session.exec(query)).one()

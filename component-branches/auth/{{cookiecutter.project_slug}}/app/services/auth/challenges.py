"""What stands between the password and the code: a secret for one login, for some minutes.

It opens nothing by itself. It ends with the password that was right, with signing out everywhere,
and with the account.
"""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.models.auth import AuthChallenge
from app.models.user import User, utc_now
from app.services.auth.errors import ChallengeOverError
from app.services.auth.links import hash_token
from app.services.auth.sessions import changes

LIFETIME = timedelta(minutes=5)


def add_challenge(session: AsyncSession, user: User, *, is_cookie: bool) -> str:
    """Add one to what the session will commit; its secret."""
    token = secrets.token_urlsafe(32)
    session.add(
        AuthChallenge(
            user_id=user.id,
            epoch=user.session_epoch,
            token_hash=hash_token(token),
            is_cookie=is_cookie,
            expires_at=utc_now() + LIFETIME,
        )
    )
    return token


async def look_at_challenge(session: AsyncSession, token: str) -> tuple[AuthChallenge, User]:
    """Whose login it is. The challenge stays valid.

    Raises:
        ChallengeOverError: Nobody's.
    """
    query = (
        select(AuthChallenge, User)
        .where(AuthChallenge.token_hash == hash_token(token))
        .join(User, col(User.id) == col(AuthChallenge.user_id))
    )
    found = (await session.exec(query)).first()
    if found is None or found[0].used_at is not None or found[0].expires_at <= utc_now():
        raise ChallengeOverError
    challenge, user = found
    if challenge.epoch != user.session_epoch or not user.is_active or not user.is_verified:
        raise ChallengeOverError
    return challenge, user


async def use_challenge(session: AsyncSession, challenge_id: UUID) -> None:
    """Use it up. Of two at once one succeeds.

    Raises:
        ChallengeOverError: It was used meanwhile.
    """
    statement = (
        update(AuthChallenge)
        .where(col(AuthChallenge.id) == challenge_id, col(AuthChallenge.used_at).is_(None))
        .values(used_at=utc_now())
    )
    if not await changes(session, statement):
        raise ChallengeOverError

"""Sessions: small values under a token that nobody can guess."""

import hashlib
import json
import secrets
from typing import Any

from app.core.redis import redis_client

PREFIX = "session:"


async def create_session(values: dict[str, Any], ttl: int = 86_400) -> str:
    """Store values for `ttl` seconds; return the token for them."""
    token = secrets.token_urlsafe(32)
    await redis_client().set(session_key(token), json.dumps(values), ex=ttl)
    return token


async def read_session(token: str, *, extend: int | None = None) -> dict[str, Any] | None:
    """The values of a token, None when it has ended; `extend` lets it live so many seconds more."""
    if extend is None:
        found = await redis_client().get(session_key(token))
    else:
        found = await redis_client().getex(session_key(token), ex=extend)
    return json.loads(found) if found is not None else None


async def end_session(token: str) -> bool:
    """End a session; False when there was none."""
    return bool(await redis_client().delete(session_key(token)))


def session_key(token: str) -> str:
    """Where a session is. Whoever reads Redis cannot use what they find as a token."""
    return PREFIX + hashlib.sha256(token.encode()).hexdigest()

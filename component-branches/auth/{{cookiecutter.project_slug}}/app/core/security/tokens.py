"""Access tokens: JWTs that say who asks (`sub`) and in which session (`sid`).

What the bearer may do is not in it: account and session are looked up for every request, so signing
out, a new role and a deactivation count at once.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt

from app.core.constants import PROJECT_SLUG
from app.core.security.keys import key_ring

ALGORITHM = "HS256"
TOKEN_TYPE = "at+jwt"  # noqa: S105  (RFC 9068)
ISSUER = PROJECT_SLUG
AUDIENCE = f"{PROJECT_SLUG}:api"
PURPOSE = "access-token"
LEEWAY_SECONDS = 10
LONGEST_TOKEN = 4096
"""Decoding takes longer with the length; ours have some 400 characters."""
REQUIRED = ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"]

_jwt = jwt.PyJWT(options={"enforce_minimum_key_length": True})


class InvalidTokenError(Exception):
    """It is no token of ours, or its time is over. The reason is for logs alone."""


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a token says."""

    user_id: UUID
    session_id: UUID


def create_access_token(user_id: UUID, session_id: UUID, lifetime: timedelta) -> str:
    """A token for a session."""
    key = key_ring().current
    now = datetime.now(UTC)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(user_id),
        "sid": str(session_id),
        "jti": uuid4().hex,
        "iat": now,
        "nbf": now,
        "exp": now + lifetime,
    }
    headers = {"typ": TOKEN_TYPE, "kid": key.kid}
    return _jwt.encode(claims, key.derive(PURPOSE), algorithm=ALGORITHM, headers=headers)


def decode_access_token(token: str) -> AccessClaims:
    """What a token says, if it is ours and its time is now.

    Raises:
        InvalidTokenError: It is not.
    """
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise InvalidTokenError("it is too long, or not ASCII")
    try:
        header = jwt.get_unverified_header(token)
        # The algorithm is ours to choose and not the token's; the key is found in our own list.
        key = key_ring().find(str(header.get("kid")))
        if key is None or header.get("typ") != TOKEN_TYPE:
            raise InvalidTokenError("it has an unknown key or type")
        claims: dict[str, Any] = _jwt.decode(
            token,
            key.derive(PURPOSE),
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            leeway=LEEWAY_SECONDS,
            options={"require": REQUIRED, "strict_aud": True},
        )
        return AccessClaims(UUID(claims["sub"]), UUID(claims["sid"]))
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:
        raise InvalidTokenError(str(error)) from None

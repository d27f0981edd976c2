"""The cookie for which the token is exchanged."""

import hashlib
import hmac
import time

from starlette.responses import Response

from app.core import operators

COOKIE = "overseer"
COOKIE_SECONDS = 12 * 60 * 60


def make_cookie(now: float | None = None) -> str:
    """A value that proves, until it expires, that its bearer once gave the token."""
    expires = int((time.time() if now is None else now) + COOKIE_SECONDS)
    return f"{expires}.{_sign(str(expires))}"


def is_valid_cookie(value: str, now: float | None = None) -> bool:
    """Whether we made this cookie with the present token, and not too long ago."""
    expires, _, signature = value.partition(".")
    if not expires.isdecimal() or not expires.isascii() or operators.token() is None:
        return False
    if not hmac.compare_digest(signature.encode(), _sign(expires).encode()):
        return False
    return int(expires) > (time.time() if now is None else now)


def let_in(response: Response, cookie: str, path: str, *, is_secure: bool) -> None:
    """Let a browser have the cookie, for the dashboard at `path` alone."""
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=COOKIE_SECONDS,
        path=path or "/",
        secure=is_secure,
        httponly=True,
        samesite="lax",
    )


def _sign(text: str) -> str:
    key = operators.token() or b""
    return hmac.new(key, f"dashboard:{text}".encode(), hashlib.sha256).hexdigest()

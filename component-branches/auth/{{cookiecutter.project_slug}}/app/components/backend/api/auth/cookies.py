"""Tokens in cookies, for browsers that ask for them.

Scripts cannot read them (`HttpOnly`), other sites cannot send them (`SameSite`), other hosts cannot
set them (`__Host-`). A fourth lock is the CSRF token: a page of ours reads it from a cookie and sends
it as a header, which no other site can do; it belongs to one session.
"""

from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request, Response

from app.core.config import settings
from app.core.constants import PROJECT_SLUG
from app.core.errors import ForbiddenError
from app.core.logging import get_logger
from app.core.security import key_ring
from app.services.auth import Tokens

log = get_logger(__name__)

ACCESS = f"__Host-{PROJECT_SLUG}-access"
REFRESH = f"__Host-{PROJECT_SLUG}-refresh"
CSRF = f"__Host-{PROJECT_SLUG}-csrf"
CSRF_HEADER = "X-CSRF-Token"
PURPOSE = "csrf-token"


def set_cookies(response: Response, tokens: Tokens) -> str:
    """Put the tokens into cookies; the CSRF token that goes with them."""
    csrf = csrf_token(tokens.session_id)
    _set(response, ACCESS, tokens.access_token, tokens.expires_in, "lax")
    _set(response, REFRESH, tokens.refresh_token, tokens.session_seconds, "strict")
    _set(response, CSRF, csrf, tokens.session_seconds, "strict", is_readable=True)
    return csrf


def clear_cookies(response: Response) -> None:
    """Forget them, and what browsers keep of us."""
    for name in (ACCESS, REFRESH, CSRF):
        response.delete_cookie(name, path="/", secure=True, httponly=name != CSRF)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def csrf_token(session_id: UUID) -> str:
    """The token of a session."""
    key = key_ring().current
    return f"{key.kid}.{key.sign(PURPOSE, session_id.hex)}"


def check_csrf(request: Request, session_id: UUID) -> None:
    """Accept what a page of ours asks for.

    Raises:
        ForbiddenError: Another site may have made the browser ask.
    """
    check_origin(request)
    kid, _, signature = request.headers.get(CSRF_HEADER, "").partition(".")
    if not key_ring().is_signed(PURPOSE, session_id.hex, signature, kid):
        log.warning("auth_csrf_refused", session_id=str(session_id))
        raise ForbiddenError(f"The header {CSRF_HEADER} is missing or not that of this session.")


def check_origin(request: Request) -> None:
    """Accept requests of our own pages, and of those in `CORS_ORIGINS`.

    Raises:
        ForbiddenError: A page of another site asks.
    """
    origin = request.headers.get("Origin")
    if origin is None:
        # Browsers send it with everything that changes something; programs do not.
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise _elsewhere()
        return
    own = urlsplit(settings.PUBLIC_URL)
    host = request.headers.get("Host", "")
    # Compared as a whole: it may be anything, and need not be an address.
    here = {f"{own.scheme}://{own.netloc}", f"http://{host}", f"https://{host}"}
    if origin.lower() not in {known.lower() for known in here.union(settings.CORS_ORIGINS)}:
        raise _elsewhere()


def _elsewhere() -> ForbiddenError:
    log.warning("auth_origin_refused")
    return ForbiddenError("Other sites may not do this.")


def _set(
    response: Response,
    name: str,
    value: str,
    seconds: int,
    same_site: str,
    *,
    is_readable: bool = False,
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        # Browsers keep such cookies on http://localhost as well.
        secure=True,
        httponly=not is_readable,
        samesite="strict" if same_site == "strict" else "lax",
    )

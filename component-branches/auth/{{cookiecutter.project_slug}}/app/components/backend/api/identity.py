"""Who asks: dependencies for routes.

    @router.get("/reports")
    async def reports(user: CurrentUser) -> list[Report]: ...

    @router.delete("/reports/{id}", dependencies=[Depends(require_role("admin"))])

A program sends `Authorization: Bearer ...`; a browser sends cookies, and with everything that changes
something the header `X-CSRF-Token`.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, get_args

from fastapi import Depends, Request, Response
from fastapi.security import OAuth2PasswordBearer

from app.components.backend.api.auth import cookies
from app.core.constants import API_PREFIX
from app.core.errors import ForbiddenError, UnauthorizedError
from app.core.logging import get_logger
from app.models.user import Role, User
from app.services.auth import Client, Identity, authenticate
from app.services.auth.errors import SecondFactorMissingError, SessionOverError
from app.services.auth.second_factor import is_missing

log = get_logger(__name__)

BEARER = "Bearer"
INVALID = 'Bearer error="invalid_token"'
INSUFFICIENT = 'Bearer error="insufficient_scope"'
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# Relative, so that the documentation works below any prefix of a proxy.
oauth2_scheme = OAuth2PasswordBearer(
    tokenUrl=f"{API_PREFIX.strip('/')}/auth/token", auto_error=False
)


async def get_client(request: Request) -> Client:
    """Where the request comes from. Proxies are believed as `TRUSTED_PROXIES` says."""
    address = request.client.host if request.client is not None else ""
    return Client(address, request.headers.get("User-Agent", ""))


async def get_identity(
    request: Request, response: Response, token: Annotated[str | None, Depends(oauth2_scheme)]
) -> Identity:
    """Who asks, and in which session.

    Raises:
        UnauthorizedError: Nobody that we know.
    """
    # What somebody may see is for them alone.
    response.headers["Cache-Control"] = "no-store"
    # A header without a token says nothing, and lets no cookie do without the other one.
    is_cookie = not token
    token = token or request.cookies.get(cookies.ACCESS)
    if not token:
        raise UnauthorizedError("Sign in first.", headers={"WWW-Authenticate": BEARER})
    try:
        identity = await authenticate(token)
    except SessionOverError as error:
        raise UnauthorizedError(error.detail, headers={"WWW-Authenticate": INVALID}) from None
    if is_cookie and request.method not in SAFE_METHODS:
        cookies.check_csrf(request, identity.session_id)
    return identity


async def get_current_user(identity: Annotated[Identity, Depends(get_identity)]) -> User:
    """The account that asks."""
    return identity.user


async def get_confirmed_user(user: Annotated[User, Depends(get_current_user)]) -> User:
    """The account that asks, also one that has to set up a second factor before it may do anything else.

    Accounts that are deactivated have no sessions; this is the last of several locks.

    Raises:
        ForbiddenError: It is not active, or its address was never confirmed.
    """
    if not user.is_active or not user.is_verified:
        raise ForbiddenError(
            "This account is not active.", headers={"WWW-Authenticate": INSUFFICIENT}
        )
    return user


async def get_current_active_user(user: Annotated[User, Depends(get_current_user)]) -> User:
    """The account that asks, if it may do anything.

    Raises:
        ForbiddenError: It is not active, its address was never confirmed, or its role takes a
            second factor and it has none (`AUTH_SECOND_FACTOR_REQUIRED_ROLES`).
    """
    await get_confirmed_user(user)
    if is_missing(user):
        raise SecondFactorMissingError(headers={"WWW-Authenticate": INSUFFICIENT})
    return user


def require_role(*roles: Role) -> Callable[..., Awaitable[User]]:
    """A dependency that lets accounts with one of these roles in, and gives the account."""
    unknown = set(roles) - set(get_args(Role))
    if unknown or not roles:
        raise ValueError(f"There is no such role: {', '.join(sorted(unknown)) or 'none is named'}")

    async def check(user: Annotated[User, Depends(get_current_active_user)]) -> User:
        if user.role not in roles:
            log.warning("auth_role_refused", user_id=str(user.id), role=user.role, needed=roles)
            raise ForbiddenError(
                f"This takes the role {' or '.join(roles)}.",
                headers={"WWW-Authenticate": INSUFFICIENT},
            )
        return user

    return check


ClientDep = Annotated[Client, Depends(get_client)]
ConfirmedUser = Annotated[User, Depends(get_confirmed_user)]
CurrentIdentity = Annotated[Identity, Depends(get_identity)]
CurrentUser = Annotated[User, Depends(get_current_active_user)]
CurrentAdmin = Annotated[User, Depends(require_role("admin"))]

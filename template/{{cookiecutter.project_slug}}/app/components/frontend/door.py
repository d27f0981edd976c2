"""Who may see the dashboard, and how they get in: a door.

The one here asks for `DASHBOARD_TOKEN`. A component can bring another one (`door` in `app/stack/`).
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from starlette.requests import HTTPConnection, Request

from app.components.frontend import access
from app.components.frontend.login import token_page
from app.core import operators
from app.core.constants import DASHBOARD_PATH


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who looks at the dashboard."""

    name: str = ""
    key: str = ""
    """What the door knows them by."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody does not get in, for them to read."""

    text: str


viewer: ContextVar[Viewer | None] = ContextVar("viewer", default=None)
"""Who looks, for what runs because somebody pressed something."""

mounted_at: ContextVar[str] = ContextVar("mounted_at", default=DASHBOARD_PATH)
"""Where the dashboard is for whoever looks: below a proxy's path, it is longer."""


class Door(Protocol):
    """What stands before the dashboard."""

    @property
    def has_login(self) -> bool:
        """Whether there is something to log out of."""
        ...

    async def admit(self, connection: HTTPConnection) -> Viewer | None:
        """Who this is; nobody if they may not enter."""
        ...

    def page(self, action: str, refusal: Refusal | None) -> str:
        """The page that asks who somebody is; its form goes to `action`."""
        ...

    async def log_in(self, request: Request, form: Mapping[str, str]) -> str | Refusal:
        """The value of a cookie that lets them in from now on, or why not."""
        ...

    async def log_out(self, connection: HTTPConnection) -> None:
        """Let the cookie mean nothing any more."""
        ...

    def is_secure(self, request: Request) -> bool:
        """Whether browsers may send the cookie over https only."""
        ...


class TokenDoor:
    """Open to everybody during development; in production whoever knows the token."""

    @property
    def has_login(self) -> bool:
        """Where the token is asked for."""
        return operators.token_is_required()

    async def admit(self, connection: HTTPConnection) -> Viewer | None:
        """Whoever has a cookie, or the token itself."""
        if not operators.token_is_required():
            return Viewer()
        cookie = connection.cookies.get(access.COOKIE, "")
        return Viewer("operator") if access.is_valid_cookie(cookie) else None

    def page(self, action: str, refusal: Refusal | None) -> str:
        """Ask for the token, or say that there is none."""
        has_token = operators.token() is not None
        return token_page(action, refusal.text if refusal else "", has_token=has_token)

    async def log_in(self, request: Request, form: Mapping[str, str]) -> str | Refusal:
        """Exchange the token for a cookie."""
        if operators.is_right_token(form.get("token", "")):
            return access.make_cookie()
        return Refusal("That is not the token.")

    async def log_out(self, connection: HTTPConnection) -> None:
        """The cookie ends by itself."""

    def is_secure(self, request: Request) -> bool:
        """As the request came."""
        return request.url.scheme == "https"


@lru_cache(maxsize=1)
def door() -> Door:
    """The door of this application: the last one that a component brings."""
    from app.stack import COMPONENTS

    found = [made for component in COMPONENTS if (made := component.door()) is not None]
    return found[-1] if found else TokenDoor()

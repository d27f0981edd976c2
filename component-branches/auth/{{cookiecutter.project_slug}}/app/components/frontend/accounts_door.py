"""The dashboard's door for accounts: administrators log in with address and password, and with a code
if they have a second factor.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from uuid import UUID

from starlette.requests import HTTPConnection, Request

from app.components.frontend.access import COOKIE, COOKIE_SECONDS
from app.components.frontend.door import Refusal, Viewer
from app.components.frontend.login import page
from app.core.config import settings
from app.core.constants import PROJECT_SLUG
from app.core.errors import AppError
from app.core.security import key_ring
from app.core.validation import LONGEST_EMAIL, LONGEST_PASSWORD, check_encodable
from app.models.user import utc_now
from app.services.auth import Client, Identity, Tokens, authenticate
from app.services.auth.audit import Event
from app.services.auth.errors import (
    CodeNeededError,
    SecondFactorMissingError,
    SessionOverError,
    WrongLoginCodeError,
    WrongLoginError,
)
from app.services.auth.login import log_in, log_in_with_code
from app.services.auth.second_factor import is_missing
from app.services.auth.sessions import end_session, resume

PURPOSE = "dashboard"
ROLE = "admin"

_FORM = """<p>For administrators.</p>$problem
<form method="post" action="$action">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Open the dashboard</button>
</form>"""

_FIRST = f"""<p style="margin: 20px 0 0">No account yet? This makes one:<br>
<code>uv run {PROJECT_SLUG} auth create-user you@example.com --role admin</code></p>"""

_CODE_FORM = """<p>A code of your authenticator app, or a recovery code.</p>$problem
<form method="post" action="$action">
<input name="challenge" type="hidden" value="$challenge">
<label for="code">Code</label>
<input id="code" name="code" autocomplete="one-time-code" autocapitalize="none" required autofocus>
<button type="submit">Open the dashboard</button>
</form>"""


@dataclass(frozen=True, slots=True)
class CodeWanted(Refusal):
    """The password was right."""

    challenge: str = field(repr=False)


class AccountsDoor:
    """Lets in who has the role admin, as long as their session goes on."""

    has_login = True

    async def admit(self, connection: HTTPConnection) -> Viewer | None:
        """The administrator whose cookie or access token this is."""
        identity = await find(connection)
        if identity is None or identity.user.role != ROLE or not identity.user.is_verified:
            return None
        if is_missing(identity.user):
            return None
        return Viewer(identity.user.email, str(identity.user.id))

    def page(self, action: str, refusal: Refusal | None) -> str:
        """Ask for address and password, or for the code."""
        if isinstance(refusal, CodeWanted):
            form = _CODE_FORM.replace("$challenge", escape(refusal.challenge, quote=True))
            return page(form, action, refusal.text)
        content = _FORM
        # slot: other-ways
        if not settings.is_production:
            content += _FIRST
        return page(content, action, refusal.text if refusal else "")

    async def log_in(self, request: Request, form: Mapping[str, str]) -> str | Refusal:
        """Begin a session; its id, signed."""
        client, challenge = client_of(request), form.get("challenge", "")
        try:
            if challenge:
                tokens = await self._code(challenge, form.get("code", ""), client)
            else:
                tokens = await self._password(form, client)
            await refuse_without_second_factor(tokens, client)
        except CodeNeededError as error:
            return CodeWanted("", error.token)
        except WrongLoginCodeError as error:
            return CodeWanted(error.detail, challenge)
        except (AppError, ValueError) as error:
            return Refusal(error.detail if isinstance(error, AppError) else str(error))
        return make_cookie(tokens.session_id)

    async def _password(self, form: Mapping[str, str], client: Client) -> Tokens:
        email, password = form.get("email", ""), form.get("password", "")
        if len(email) > LONGEST_EMAIL or len(password) > LONGEST_PASSWORD:
            raise WrongLoginError
        check_encodable(password)
        return await log_in(email, password, client, is_cookie=True, role=ROLE)

    async def _code(self, challenge: str, code: str, client: Client) -> Tokens:
        return await log_in_with_code(challenge, code, client, role=ROLE)

    async def log_out(self, connection: HTTPConnection) -> None:
        """End the session."""
        identity = await find(connection)
        if identity is not None:
            client = client_of(connection)
            await end_session(identity.user.id, identity.session_id, client, event=Event.LOGGED_OUT)

    def is_secure(self, request: Request) -> bool:
        """As the public address is, whatever the last proxy speaks."""
        return settings.PUBLIC_URL.startswith("https:") or request.url.scheme == "https"


async def refuse_without_second_factor(tokens: Tokens, client: Client) -> None:
    """Let nobody in who has to set one up first; another page does that.

    Raises:
        SecondFactorMissingError: They have.
    """
    identity = await resume(tokens.session_id)
    if is_missing(identity.user):
        await end_session(identity.user.id, identity.session_id, client)
        raise SecondFactorMissingError


def make_cookie(session_id: UUID, now: int | None = None) -> str:
    """A value that proves, until it expires, that its bearer began this session here."""
    key = key_ring().current
    expires = (now if now is not None else int(utc_now().timestamp())) + COOKIE_SECONDS
    text = f"{session_id.hex}.{expires}"
    return f"{text}.{key.kid}.{key.sign(PURPOSE, text)}"


def read_cookie(value: str) -> UUID | None:
    """The session, if we made this cookie, and not too long ago."""
    parts = value.split(".")
    if len(parts) != 4:
        return None
    session, expires, kid, signature = parts
    if not key_ring().is_signed(PURPOSE, f"{session}.{expires}", signature, kid):
        return None
    return UUID(session) if int(expires) > utc_now().timestamp() else None


async def find(connection: HTTPConnection) -> Identity | None:
    """Who this is."""
    scheme, _, bearer = connection.headers.get("Authorization", "").partition(" ")
    try:
        if scheme.lower() == "bearer":
            return await authenticate(bearer)
        session_id = read_cookie(connection.cookies.get(COOKIE, ""))
        return await resume(session_id) if session_id is not None else None
    except SessionOverError:
        return None


def client_of(connection: HTTPConnection) -> Client:
    """Where somebody comes from."""
    address = connection.client.host if connection.client is not None else ""
    return Client(address, connection.headers.get("User-Agent", ""))

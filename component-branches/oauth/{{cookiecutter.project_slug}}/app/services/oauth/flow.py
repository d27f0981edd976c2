"""A sign-in under way: what was begun, in a signed text that the browser keeps meanwhile."""

import base64
import hmac
import json
import re
import secrets
from dataclasses import asdict, dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from app.core.errors import AppError
from app.core.security import key_ring
from app.models.user import utc_now
from app.services.auth import Client, throttle
from app.services.oauth.errors import NotAgreedError, StaleFlowError
from app.services.oauth.models import Challenge, Person
from app.services.oauth.providers import find_provider

PURPOSE = "oauth-flow"
FLOW_SECONDS = 600
BEGINNINGS = "30/minute"
LONGEST_PATH = 500
_STATE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*", re.ASCII)


class Purpose(StrEnum):
    """What a sign-in is for."""

    COOKIES = "cookies"
    TOKENS = "tokens"
    DASHBOARD = "dashboard"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Flow:
    """What was begun."""

    provider: str
    purpose: Purpose
    challenge: Challenge
    expires: int
    path: str = ""
    """Where the browser goes afterwards."""
    session_id: str = ""
    """Of whoever links an identity."""

    def sealed(self) -> str:
        """As the browser keeps it: it can read it and not change it."""
        text = base64.urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()
        key = key_ring().current
        return f"{text}.{key.kid}.{key.sign(PURPOSE, text)}"


async def begin(
    name: str, purpose: Purpose, path: str, client: Client, *, session_id: str = ""
) -> tuple[Flow, str]:
    """What was begun, and where the browser has to go.

    Raises:
        NotFoundError: There is no such provider.
        AppError: The path leads elsewhere.
        SilentProviderError: The provider does not answer.
    """
    await throttle.by_address("oauth", BEGINNINGS, client.address)
    provider = find_provider(name)
    challenge = Challenge(*(secrets.token_urlsafe(32) for _ in range(3)))
    expires = int(utc_now().timestamp()) + FLOW_SECONDS
    flow = Flow(name, purpose, challenge, expires, check_path(path), session_id)
    return flow, await provider.begin(challenge)


async def finish(
    flow: Flow, *, code: str | None, error: str | None, iss: str | None, client: Client
) -> Person:
    """Who came back.

    Raises:
        NotAgreedError: They, or the provider, said no.
        BadAnswerError: It cannot be believed.
        SilentProviderError: The provider does not answer.
        TooManyRequestsError: Too many tries from this address.
    """
    await throttle.login_from(client.address)
    provider = find_provider(flow.provider)
    if error is not None or not code:
        # What it says besides is a text that anybody can write into an address.
        if error == "access_denied":
            raise NotAgreedError(f"You did not agree at {provider.title}, so nothing has happened.")
        raise NotAgreedError(f"{provider.title} did not complete the sign-in. Begin again.")
    return await provider.finish(flow.challenge, code, iss)


def unseal(text: str, name: str, state: str) -> Flow:
    """What this browser began with this provider and this state.

    Raises:
        StaleFlowError: Nothing, or too long ago.
    """
    try:
        payload, kid, signature = text.split(".")
        if not key_ring().is_signed(PURPOSE, payload, signature, kid):
            raise StaleFlowError
        values = json.loads(base64.urlsafe_b64decode(payload))
    except ValueError:
        raise StaleFlowError from None
    challenge = Challenge(**values.pop("challenge"))
    flow = Flow(**values | {"challenge": challenge, "purpose": Purpose(values["purpose"])})
    is_ours = hmac.compare_digest(flow.challenge.state.encode(), state.encode())
    if not is_ours or flow.provider != name or flow.expires <= utc_now().timestamp():
        raise StaleFlowError
    return flow


def is_state(text: str) -> bool:
    """Whether it looks like one of ours."""
    return _STATE.fullmatch(text) is not None


def check_path(path: str) -> str:
    """Accept a path of this site: nobody is sent elsewhere.

    Raises:
        AppError: It leads elsewhere, or nowhere.
    """
    if not path:
        return ""
    parts = urlsplit(path) if _PATH.fullmatch(path) and len(path) <= LONGEST_PATH else None
    if parts is None or parts.scheme or parts.netloc:
        raise AppError("`next` must be a path of this site, such as /reports.")
    return path

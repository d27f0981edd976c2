"""What the tests of accounts share."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyotp
from fastapi.testclient import TestClient
from httpx2 import Response

from app.services.mail import Mail, outbox

PASSWORD = "correct horse battery"
OTHER_PASSWORD = "quite another sentence"
API = "/api/auth"

Headers = dict[str, str]


class Mailbox:
    """Keeps what would have left."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        """Keep it."""
        self.mails.append(mail)

    def take(self, client: TestClient) -> Mail:
        """The only mail that has come since the last look."""
        self.settle(client)
        [mail] = self.mails
        self.mails.clear()
        return mail

    def secret(self, client: TestClient) -> str:
        """What stands behind `#` in the link of that mail."""
        return secret_of(self.take(client))

    def settle(self, client: TestClient) -> None:
        """Wait for what happens in the background."""
        assert client.portal is not None
        client.portal.call(outbox.settle)


@dataclass(frozen=True)
class Phone:
    """An authenticator app, and the recovery codes that its owner wrote down."""

    secret: str
    recovery_codes: Sequence[str] = ()

    def code(self, steps: int = 0) -> str:
        """What it shows now, or so many steps of 30 seconds later."""
        return pyotp.TOTP(self.secret).at(int(time.time()) + 30 * steps)


def secret_of(mail: Mail) -> str:
    """What stands behind `#` in the link of a mail."""
    [found] = re.findall(r"https?://\S+#(\S+)", mail.text)
    return found


def log_in(
    client: TestClient, email: str = "ada@example.com", password: str = PASSWORD, **more: object
) -> Response:
    """Sign in."""
    return client.post(f"{API}/login", json={"email": email, "password": password, **more})


def challenge_of(
    client: TestClient, email: str = "ada@example.com", *, use_cookies: bool = False
) -> str:
    """Show the password of an account that has a second factor."""
    response = log_in(client, email, use_cookies=use_cookies)
    assert is_problem(response, 401)
    assert response.json()["type"] == "urn:problem:code-needed", response.text
    return response.json()["challenge_token"]


def send_code(client: TestClient, challenge: str, code: str) -> Response:
    """The rest of a login."""
    return client.post(f"{API}/login/code", json={"challenge_token": challenge, "code": code})


def tokens_of(client: TestClient, email: str = "ada@example.com") -> dict[str, Any]:
    """Sign in, with tokens in the answer."""
    response = log_in(client, email)
    assert response.status_code == 200, response.text
    return response.json()


def bearer(access_token: str) -> Headers:
    """What a program sends."""
    return {"Authorization": f"Bearer {access_token}"}


def as_user(client: TestClient, email: str = "ada@example.com") -> Headers:
    """Sign in, as a header."""
    return bearer(tokens_of(client, email)["access_token"])


def is_problem(response: Response, status: int) -> bool:
    """Whether it is an error as all others are."""
    assert response.headers["Content-Type"] == "application/problem+json", response.text
    assert response.status_code == status, response.text
    return True

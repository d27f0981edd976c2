"""Nobody learns which addresses have accounts: not from words, not from the time."""

import math
import time
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from fastapi.testclient import TestClient

from app.core import security
from app.core.security import passwords as hashes
from tests.auth.support import API, PASSWORD, Mailbox, log_in
from tests.fixtures.auth import MakeUser

ADDRESSES = ("known@example.com", "unknown@example.com", "closed@example.com", "new@example.com")


@pytest.fixture
def accounts(make_user: MakeUser) -> None:
    """One for each kind; nobody has unknown@example.com."""
    make_user("known@example.com")
    make_user("closed@example.com", is_active=False)
    make_user("new@example.com", is_verified=False)


def shown(body: str) -> str:
    """An answer without what differs each time."""
    import re

    return re.sub(r'"request_id":"[^"]*"', "", body)


@pytest.mark.usefixtures("accounts")
def test_a_wrong_login_says_the_same_to_all(client: TestClient) -> None:
    answers = {
        (r.status_code, shown(r.text), tuple(sorted(set(r.headers) - {"content-length"})))
        for r in (log_in(client, a, "a wrong password") for a in ADDRESSES)
    }
    assert len(answers) == 1


@pytest.mark.usefixtures("accounts")
def test_the_right_password_of_a_closed_account_says_no_more(client: TestClient) -> None:
    right = [log_in(client, a, PASSWORD) for a in ("closed@example.com", "new@example.com")]
    wrong = log_in(client, "unknown@example.com", PASSWORD)
    assert {(r.status_code, shown(r.text)) for r in [*right, wrong]} == {(401, shown(wrong.text))}


@pytest.mark.parametrize("path", ["register", "forgot-password"])
@pytest.mark.usefixtures("accounts")
def test_asking_for_mail_says_the_same_to_all(
    client: TestClient, mailbox: Mailbox, path: str
) -> None:
    answers = set()
    for address in ADDRESSES:
        body = {"email": address} | ({"password": PASSWORD} if path == "register" else {})
        response = client.post(f"{API}/{path}", json=body)
        answers.add((response.status_code, response.text))
    assert len(answers) == 1
    mailbox.settle(client)
    assert "closed@example.com" not in {mail.to for mail in mailbox.mails}


@pytest.mark.usefixtures("accounts", "clock")
def test_limits_say_the_same_to_all(client: TestClient) -> None:
    """How many tries an account has does not tell that it exists."""

    def tries(address: str) -> list[int]:
        from app.services.auth import throttle

        throttle.limiter.cache_clear()
        return [log_in(client, address, "a wrong password").status_code for _ in range(12)]

    assert tries("known@example.com") == tries("unknown@example.com")


def test_an_unknown_account_takes_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the real parameters: the check itself is all that could differ."""
    real = hashes.settings.model_copy(update={"APP_ENV": "production"})
    monkeypatch.setattr(hashes, "settings", real)
    hashes.hasher.cache_clear()
    hashes._nobody.cache_clear()
    try:
        stored = security.hash_password(PASSWORD)
        checks = [
            partial(security.verify_password, "a wrong one", hashed)
            for hashed in (stored, None, "!")
        ]
        assert take_the_same_time(checks)
    finally:
        hashes.hasher.cache_clear()
        hashes._nobody.cache_clear()


def take_the_same_time(works: Sequence[Callable[[], object]], rel: float = 0.35) -> bool:
    """Whether all need as much processor time as the first.

    What disturbs them on a busy machine makes them slower, never faster: so the least time counts,
    and they are tried in turns, until they agree or have had every chance to.
    """
    for work in works:
        work()
    least = [math.inf] * len(works)
    for _ in range(40):
        for number, work in enumerate(works):
            started = time.process_time()
            work()
            least[number] = min(least[number], time.process_time() - started)
        if all(seconds == pytest.approx(least[0], rel=rel) for seconds in least):
            return True
    return False

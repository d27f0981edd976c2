"""How often somebody may try."""

import asyncio
import threading
import time
from functools import partial

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.errors import TooManyRequestsError
from app.services.auth import hashing, login, throttle
from app.services.auth.counts import OwnCounts
from app.services.auth.hashing import BusyError, HashingPool
from app.services.auth.models import Client
from tests.auth.support import API, PASSWORD, is_problem, log_in
from tests.fixtures.auth import MakeUser

# Limits end with time, which a busy machine may take much of.
pytestmark = pytest.mark.usefixtures("clock")


def test_passwords_of_one_account_are_limited(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    found = [log_in(client, password="a wrong password") for _ in range(11)]
    assert [r.status_code for r in found] == [401] * 10 + [429]
    is_problem(found[-1], 429)
    assert 1 <= int(found[-1].headers["Retry-After"]) <= 60
    # Other accounts are not concerned.
    make_user("grace@example.com")
    assert log_in(client, "grace@example.com").status_code == 200


LONG = f"{'a' * 64}@{'.'.join(['b' * 60] * 3)}.com"


@pytest.mark.parametrize("email", ["ada@example.com", LONG])
def test_a_stranger_does_not_use_up_the_tries_of_the_owner(
    app: FastAPI, make_user: MakeUser, email: str
) -> None:
    make_user(email)
    stranger, owner = (TestClient(app, client=(a, 50000)) for a in ("192.0.2.66", "192.0.2.67"))
    for _ in range(12):
        last = log_in(stranger, email, "a wrong password")
    assert last.status_code == 429
    assert log_in(owner, email).status_code == 200


def test_from_everywhere_together_an_account_is_limited_too(
    app: FastAPI, make_user: MakeUser
) -> None:
    make_user()
    found = []
    for number in range(11):
        stranger = TestClient(app, client=(f"192.0.2.{number}", 50000))
        found += [log_in(stranger, password="a wrong password").status_code for _ in range(10)]
    assert found == [401] * 100 + [429] * 10


def test_every_spelling_of_an_account_counts(client: TestClient) -> None:
    spellings = ["ada@example.com", "ADA@example.com", "Ada@Example.Com"] * 4
    found = [log_in(client, a, "a wrong password").status_code for a in spellings]
    assert found.count(429) == 2


def test_one_address_cannot_try_many_accounts(client: TestClient) -> None:
    found = [log_in(client, f"user{i}@example.com").status_code for i in range(22)]
    assert found == [401] * 20 + [429] * 2


def test_headers_of_strangers_change_no_address(client: TestClient) -> None:
    found = [
        client.post(
            f"{API}/login",
            json={"email": f"user{i}@example.com", "password": PASSWORD},
            headers={"X-Forwarded-For": f"192.0.2.{i}", "X-Real-IP": f"192.0.2.{i}"},
        ).status_code
        for i in range(22)
    ]
    assert found.count(429) == 2


def test_the_form_and_the_login_count_together(client: TestClient) -> None:
    form = {"username": "ada@example.com", "password": "a wrong password"}
    found = [client.post(f"{API}/token", data=form).status_code for _ in range(6)]
    found += [log_in(client, password="a wrong password").status_code for _ in range(6)]
    assert found.count(429) == 2


def test_changing_the_password_is_no_way_to_guess_it(
    client: TestClient, make_user: MakeUser
) -> None:
    make_user()
    token = log_in(client).json()["access_token"]
    body = {"current_password": "a wrong password", "new_password": "quite another sentence"}
    found = [
        client.post(
            f"{API}/change-password", json=body, headers={"Authorization": f"Bearer {token}"}
        ).status_code
        for _ in range(12)
    ]
    assert found == [400] * 9 + [429] * 3


@pytest.mark.parametrize("path", ["register", "forgot-password"])
def test_nobody_gets_many_mails(client: TestClient, path: str) -> None:
    body = {"email": "ada@example.com"} | ({"password": PASSWORD} if path == "register" else {})
    found = [client.post(f"{API}/{path}", json=body).status_code for _ in range(7)]
    assert found == [202] * 5 + [429] * 2


def test_links_cannot_be_guessed_for_long(client: TestClient) -> None:
    found = [
        client.post(f"{API}/verify-email", json={"token": f"guess-{i}"}).status_code
        for i in range(22)
    ]
    assert found == [400] * 20 + [429] * 2


def test_renewing_is_limited(client: TestClient) -> None:
    found = [
        client.post(f"{API}/refresh", json={"refresh_token": "x"}).status_code for _ in range(122)
    ]
    assert found.count(429) == 2


def test_a_limit_ends(client: TestClient, make_user: MakeUser) -> None:
    """It slows down, and locks nobody out for long."""
    import time_machine

    make_user()
    for _ in range(11):
        last = log_in(client, password="a wrong password")
    assert last.status_code == 429
    with time_machine.travel(time.time() + int(last.headers["Retry-After"]) + 1, tick=True):
        assert log_in(client).status_code == 200


async def test_what_is_over_is_forgotten() -> None:
    import time_machine

    counts = OwnCounts()
    with time_machine.travel(0, tick=False) as clock:
        for number in range(5_000):
            await counts.incr(f"account {number}", 60)
        assert await counts.incr("account 7", 60) == 2
        assert await counts.get_expiry("account 7") == 60
        clock.shift(60)
        assert await counts.get("account 7") == 0
        assert await counts.incr("account 7", 60) == 1
        for number in range(5_000):
            await counts.incr(f"another account {number}", 60)
    assert len(counts) <= 5_001


async def test_of_many_at_once_no_more_pass_than_may() -> None:
    async def attempt() -> bool:
        try:
            await throttle.by_account("test", "5/minute", "ada@example.com")
        except TooManyRequestsError:
            return False
        return True

    found = await asyncio.gather(*(attempt() for _ in range(200)))
    assert sum(found) == 5


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_whoever_has_a_network_counts_as_one(address: str, network: str) -> None:
    assert throttle.network_of(address) == network


async def test_only_so_many_wait_for_a_hash() -> None:
    pool = HashingPool(threads=1, waiting=2)
    go = threading.Event()
    waiting = [asyncio.create_task(pool.run(partial(go.wait, 60))) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError) as error:
        await pool.run(lambda: None)
    assert error.value.headers["Retry-After"]
    go.set()
    assert await asyncio.gather(*waiting) == [True] * 3
    assert await pool.run(lambda: 7) == 7


async def test_when_too_many_wait_nobody_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    full = HashingPool(threads=1, waiting=0)
    go = threading.Event()
    waiting = asyncio.create_task(full.run(partial(go.wait, 60)))
    await asyncio.sleep(0)
    monkeypatch.setattr(hashing, "pool", lambda: full)
    monkeypatch.setattr(login, "db_session", None)
    with pytest.raises(BusyError):
        await login.log_in("ada@example.com", PASSWORD, Client(address="192.0.2.1"))
    go.set()
    assert await waiting


async def test_whoever_hangs_up_gives_no_place_to_another_one() -> None:
    pool = HashingPool(threads=1, waiting=0)
    go = threading.Event()
    task = asyncio.create_task(pool.run(partial(go.wait, 60)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    with pytest.raises(BusyError):
        await pool.run(lambda: None)
    go.set()


async def test_the_event_loop_goes_on_while_passwords_are_hashed() -> None:
    has_turned = threading.Event()

    async def turn() -> None:
        for _ in range(20):
            await asyncio.sleep(0.001)
        has_turned.set()

    pool = HashingPool(threads=1)
    turning = asyncio.create_task(turn())
    # A hash that is not ready before the loop has gone on.
    assert await pool.run(partial(has_turned.wait, 60))
    await turning
    assert hashing.pool() is hashing.pool()

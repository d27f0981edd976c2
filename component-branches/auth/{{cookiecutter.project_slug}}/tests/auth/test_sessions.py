"""Sessions: renewing, copies of tokens, and ending."""

import asyncio
import os
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from app.core.db import Database
from app.core.errors import AppError
from app.models.auth import AuthEvent, AuthSession
from app.models.user import User
from app.services.auth import Client, Identity, Tokens, accounts, authenticate, sessions
from app.services.auth.login import log_in as service_log_in
from tests.auth.support import (
    API,
    PASSWORD,
    as_user,
    bearer,
    is_problem,
    log_in,
    tokens_of,
)
from tests.fixtures.auth import MakeUser

TIMES = int(os.environ.get("RACES", "60"))
"""How often requests race. RACES=1000 takes some minutes."""
HERE = Client("192.0.2.1", "tests")

# An answer is given again for some seconds, which a busy machine may take for less than that.
pytestmark = pytest.mark.usefixtures("clock")


def age(session: Session, **by: float) -> None:
    """Let all sessions have been renewed some time ago."""
    for row in session.exec(select(AuthSession)):
        row.renewed_at -= timedelta(**by)
        session.add(row)
    session.commit()


def test_renewing_gives_new_tokens(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    first = tokens_of(client)
    second = client.post(f"{API}/refresh", json={"refresh_token": first["refresh_token"]}).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert client.get(f"{API}/me", headers=bearer(second["access_token"])).status_code == 200


def test_a_lost_answer_is_given_again(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    first = tokens_of(client)["refresh_token"]
    answers = [
        client.post(f"{API}/refresh", json={"refresh_token": first}).json() for _ in range(3)
    ]
    assert len({answer["refresh_token"] for answer in answers}) == 1


def test_a_token_that_comes_again_later_ends_the_session(
    client: TestClient, make_user: MakeUser, db_session: Session
) -> None:
    make_user()
    first = tokens_of(client)
    second = client.post(f"{API}/refresh", json={"refresh_token": first["refresh_token"]}).json()
    age(db_session, seconds=11)
    is_problem(client.post(f"{API}/refresh", json={"refresh_token": first["refresh_token"]}), 401)
    # Whoever has the newest one may be the thief: it is over for both.
    is_problem(client.post(f"{API}/refresh", json={"refresh_token": second["refresh_token"]}), 401)
    is_problem(client.get(f"{API}/me", headers=bearer(second["access_token"])), 401)
    names = [event.name for event in db_session.exec(select(AuthEvent))]
    assert "refresh_reused" in names


def test_an_older_token_ends_the_session_at_once(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    first = tokens_of(client)["refresh_token"]
    second = client.post(f"{API}/refresh", json={"refresh_token": first}).json()["refresh_token"]
    third = client.post(f"{API}/refresh", json={"refresh_token": second}).json()["refresh_token"]
    is_problem(client.post(f"{API}/refresh", json={"refresh_token": first}), 401)
    is_problem(client.post(f"{API}/refresh", json={"refresh_token": third}), 401)


def test_other_sessions_go_on_when_one_has_a_copy(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    copied, other = tokens_of(client)["refresh_token"], tokens_of(client)
    second = client.post(f"{API}/refresh", json={"refresh_token": copied}).json()["refresh_token"]
    assert client.post(f"{API}/refresh", json={"refresh_token": second}).status_code == 200
    is_problem(client.post(f"{API}/refresh", json={"refresh_token": copied}), 401)
    assert client.get(f"{API}/me", headers=bearer(other["access_token"])).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace(".0.", ".1."),
        lambda t: t[:-1] + ("0" if t[-1] != "0" else "1"),
        lambda t: t.replace(t[:32], uuid4().hex),
        lambda t: t.upper(),
        lambda t: t + ".",
        lambda t: t.replace(".0.", ".٠."),  # noqa: RUF001 (an Arabic zero)
        lambda t: ".".join([*t.split(".")[:2], "0" * 16, t.split(".")[3]]),
        lambda t: "\ud83d",
        lambda t: "x" * 1024,
    ],
)
def test_a_refresh_token_that_was_changed_is_none(
    client: TestClient, make_user: MakeUser, change: object
) -> None:
    make_user()
    token = tokens_of(client)["refresh_token"]
    body = b'{"refresh_token": "' + change(token).encode("unicode_escape") + b'"}'  # ty: ignore[not-callable]
    response = client.post(
        f"{API}/refresh", content=body, headers={"Content-Type": "application/json"}
    )
    assert response.status_code in {401, 422}
    # Nothing has happened to the session.
    assert client.post(f"{API}/refresh", json={"refresh_token": token}).status_code == 200


def test_a_refresh_token_is_no_access_token(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    tokens = tokens_of(client)
    is_problem(client.get(f"{API}/me", headers=bearer(tokens["refresh_token"])), 401)
    is_problem(client.post(f"{API}/refresh", json={"refresh_token": tokens["access_token"]}), 401)


def test_sessions_end_with_their_time_however_often_they_are_renewed(
    client: TestClient, make_user: MakeUser, db_session: Session
) -> None:
    make_user()
    tokens = tokens_of(client)
    row = db_session.exec(select(AuthSession)).one()
    expires = row.expires_at
    tokens = client.post(f"{API}/refresh", json={"refresh_token": tokens["refresh_token"]}).json()
    db_session.refresh(row)
    assert row.expires_at == expires
    row.expires_at -= timedelta(days=30)
    db_session.add(row)
    db_session.commit()
    is_problem(client.get(f"{API}/me", headers=bearer(tokens["access_token"])), 401)
    is_problem(client.post(f"{API}/refresh", json={"refresh_token": tokens["refresh_token"]}), 401)


def test_sessions_that_nobody_uses_end(
    client: TestClient, make_user: MakeUser, db_session: Session
) -> None:
    make_user()
    tokens = tokens_of(client)
    age(db_session, days=14, seconds=1)
    is_problem(client.post(f"{API}/refresh", json={"refresh_token": tokens["refresh_token"]}), 401)


def test_signing_out_ends_both_tokens(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    tokens = tokens_of(client)
    headers = bearer(tokens["access_token"])
    assert client.post(f"{API}/logout", headers=headers).status_code == 204
    is_problem(client.get(f"{API}/me", headers=headers), 401)
    is_problem(client.post(f"{API}/refresh", json={"refresh_token": tokens["refresh_token"]}), 401)
    assert client.post(f"{API}/logout", headers=headers).status_code == 204


def test_signing_out_with_the_refresh_token_alone(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    tokens = tokens_of(client)
    body = {"refresh_token": tokens["refresh_token"]}
    assert client.post(f"{API}/logout", json=body).status_code == 204
    is_problem(client.get(f"{API}/me", headers=bearer(tokens["access_token"])), 401)


def test_signing_out_with_an_older_refresh_token(client: TestClient, make_user: MakeUser) -> None:
    """Whoever lost the answer to a renewal has no other, and wants the session to end all the same."""
    make_user()
    body = {"refresh_token": tokens_of(client)["refresh_token"]}
    newest = client.post(f"{API}/refresh", json=body).json()
    assert client.post(f"{API}/logout", json=body).status_code == 204
    is_problem(client.get(f"{API}/me", headers=bearer(newest["access_token"])), 401)
    body = {"refresh_token": newest["refresh_token"]}
    is_problem(client.post(f"{API}/refresh", json=body), 401)


def test_signing_out_everywhere(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    make_user("grace@example.com")
    mine = [as_user(client) for _ in range(3)]
    theirs = as_user(client, "grace@example.com")
    assert client.post(f"{API}/logout-everywhere", headers=mine[0]).status_code == 204
    assert [client.get(f"{API}/me", headers=h).status_code for h in mine] == [401] * 3
    assert client.get(f"{API}/me", headers=theirs).status_code == 200


def test_own_sessions_are_listed_and_ended(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    here, elsewhere = as_user(client), as_user(client)
    found = client.get(f"{API}/sessions", headers=here).json()
    assert sorted(row["is_current"] for row in found) == [False, True]
    assert "generation" not in found[0]
    [other] = [row["id"] for row in found if not row["is_current"]]
    assert client.delete(f"{API}/sessions/{other}", headers=here).status_code == 204
    is_problem(client.delete(f"{API}/sessions/{other}", headers=here), 404)
    is_problem(client.get(f"{API}/me", headers=elsewhere), 401)
    assert len(client.get(f"{API}/sessions", headers=here).json()) == 1


def test_nobody_ends_the_session_of_somebody_else(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    make_user("grace@example.com")
    mine, theirs = as_user(client), as_user(client, "grace@example.com")
    [session] = client.get(f"{API}/sessions", headers=theirs).json()
    is_problem(client.delete(f"{API}/sessions/{session['id']}", headers=mine), 404)
    assert client.get(f"{API}/me", headers=theirs).status_code == 200


def test_every_login_is_a_session_of_its_own(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    first, second = tokens_of(client), tokens_of(client)
    assert first["refresh_token"][:32] != second["refresh_token"][:32]


async def sign_in() -> Tokens:
    return await service_log_in("ada@example.com", PASSWORD, HERE)


async def attempt(token: str) -> str:
    """Renew; the new refresh token, or nothing."""
    try:
        return (await sessions.renew(token, HERE)).refresh_token
    except AppError:
        return ""


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Races take more tries than one address has."""
    from app.services.auth import throttle

    monkeypatch.setattr(throttle, "REFRESHES", "100000/second")
    many = throttle.settings.model_copy(
        update={
            "AUTH_LOGIN_LIMIT_PER_ADDRESS": "100000/second",
            "AUTH_LOGIN_LIMIT_PER_ACCOUNT": "100000/second",
        }
    )
    monkeypatch.setattr(throttle, "settings", many)


@pytest.mark.usefixtures("unlimited")
async def test_of_many_at_once_none_gets_another_successor(
    make_user: MakeUser, database: Database
) -> None:
    make_user()
    for _ in range(TIMES):
        token = (await sign_in()).refresh_token
        found = await asyncio.gather(*(attempt(token) for _ in range(3)))
        assert len(set(found)) == 1
        assert found[0].split(".")[1] == "1"
    await database.aclose()


@pytest.mark.usefixtures("unlimited")
async def test_a_copy_ends_the_session_also_while_its_newest_token_is_renewed(
    make_user: MakeUser, database: Database
) -> None:
    make_user()
    for _ in range(TIMES):
        old = (await sign_in()).refresh_token
        newest = await attempt(await attempt(old))
        found = await asyncio.gather(attempt(newest), attempt(old))
        assert await attempt(found[0] or newest) == ""
    await database.aclose()


@pytest.mark.usefixtures("unlimited")
async def test_no_renewal_survives_signing_out_everywhere(
    make_user: MakeUser, database: Database
) -> None:
    user = make_user()
    ends = Counter[str]()
    for _ in range(TIMES):
        tokens = await sign_in()
        identity = await authenticate(tokens.access_token)
        renewed, _ = await asyncio.gather(
            attempt(tokens.refresh_token), accounts.log_out_everywhere(identity, HERE)
        )
        ends["renewed" if renewed else "refused"] += 1
        assert await attempt(renewed or tokens.refresh_token) == ""
    assert identity.user.id == user.id
    await database.aclose()


@pytest.mark.usefixtures("unlimited")
async def test_a_login_with_the_old_password_does_not_outlive_the_new_one(
    make_user: MakeUser, database: Database
) -> None:
    """The password was checked, then changed; the session begins after all others were ended."""
    user = make_user()
    tokens = await sign_in()
    identity = await authenticate(tokens.access_token)
    stale = User.model_validate(user)
    await accounts.change_password(identity, PASSWORD, "quite another sentence", HERE)
    async with database.async_session() as session:
        late = await sessions.open_session(session, stale, HERE)
        await session.commit()
    with pytest.raises(AppError):
        await authenticate(late.access_token)
    assert isinstance(await authenticate(tokens.access_token), Identity)
    await database.aclose()


def test_an_expired_session_says_so_as_a_problem(client: TestClient) -> None:
    response = client.get(f"{API}/me", headers=bearer("nonsense"))
    is_problem(response, 401)
    assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    response = client.get(f"{API}/me")
    is_problem(response, 401)
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert log_in(client).status_code == 401

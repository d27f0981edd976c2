"""The dashboard behind a login."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import Session, select
from starlette.websockets import WebSocketDisconnect

from app.components.frontend import accounts_door, gate
from app.components.frontend.access import COOKIE, COOKIE_SECONDS
from app.components.frontend.accounts_door import make_cookie, read_cookie
from app.components.frontend.door import door
from app.models.auth import AuthSession
from app.models.user import User
from app.services.auth import second_factor
from tests.auth.support import PASSWORD, as_user, challenge_of
from tests.fixtures.auth import GivePhone, MakeUser

OWN = {"Origin": "http://testserver"}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is refused waits."""
    monkeypatch.setattr(gate, "REFUSED_SECONDS", 0)


@pytest.fixture
def visitor(app: FastAPI, make_user: MakeUser) -> Iterator[TestClient]:
    """A browser that has never been here."""
    make_user("admin@example.com", role="admin")
    with TestClient(app, follow_redirects=False) as client:
        yield client


def enter(client: TestClient, email: str = "admin@example.com", password: str = PASSWORD) -> int:
    form = {"email": email, "password": password}
    return client.post("/dashboard/login", data=form, headers=OWN).status_code


def test_strangers_see_a_form(visitor: TestClient) -> None:
    response = visitor.get("/dashboard/")
    assert response.status_code == 401
    assert 'name="password"' in response.text
    assert "flutter" not in response.text
    assert visitor.get("/dashboard/main.dart.js").status_code == 401
    with (
        pytest.raises(WebSocketDisconnect),
        visitor.websocket_connect("/dashboard/ws", headers=OWN),
    ):
        pass


def test_a_developer_reads_how_to_get_an_account_and_a_stranger_in_production_does_not(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "auth create-user" in visitor.get("/dashboard/").text
    production = accounts_door.settings.model_copy(update={"APP_ENV": "production"})
    monkeypatch.setattr(accounts_door, "settings", production)
    assert "auth create-user" not in visitor.get("/dashboard/").text


def test_administrators_get_in(visitor: TestClient) -> None:
    assert enter(visitor) == 303
    assert visitor.get("/dashboard/").status_code == 200
    with visitor.websocket_connect("/dashboard/ws", headers=OWN):
        pass
    assert visitor.get("/dashboard/logout").status_code == 303
    assert visitor.get("/dashboard/").status_code == 401


def test_signing_out_ends_the_session_not_only_the_cookie(visitor: TestClient) -> None:
    enter(visitor)
    cookie = visitor.cookies[COOKIE]
    visitor.get("/dashboard/logout")
    visitor.cookies.set(COOKIE, cookie)
    assert visitor.get("/dashboard/").status_code == 401


def test_users_do_not(visitor: TestClient, make_user: MakeUser) -> None:
    make_user()
    refused = [enter(visitor, "ada@example.com"), enter(visitor, password="a wrong password")]
    assert refused == [401, 401]
    assert COOKIE not in visitor.cookies
    visitor.headers = as_user(visitor)
    assert visitor.get("/dashboard/").status_code == 401


def challenge_in(response: Response) -> str:
    """What the form with the code sends along."""
    assert response.status_code == 401
    [found] = re.findall(r'name="challenge" type="hidden" value="([^"]*)"', response.text)
    return found


@pytest.mark.usefixtures("clock")
def test_a_second_factor_is_asked_for(
    visitor: TestClient, give_phone: GivePhone, db_session: Session
) -> None:
    phone = give_phone(db_session.exec(select(User)).one())
    form = {"email": "admin@example.com", "password": PASSWORD}
    challenge = challenge_in(visitor.post("/dashboard/login", data=form, headers=OWN))
    assert COOKIE not in visitor.cookies
    assert visitor.get("/dashboard/").status_code == 401
    wrong = {"challenge": challenge, "code": "not-the-code"}
    response = visitor.post("/dashboard/login", data=wrong, headers=OWN)
    assert "The code is wrong" in response.text
    right = {"challenge": challenge_in(response), "code": phone.code()}
    assert visitor.post("/dashboard/login", data=right, headers=OWN).status_code == 303
    assert visitor.get("/dashboard/").status_code == 200
    # Neither of both counts again.
    again = visitor.post("/dashboard/login", data=right, headers=OWN)
    assert "Begin again" in again.text
    assert 'name="password"' in again.text


@pytest.mark.usefixtures("clock")
def test_a_code_opens_the_dashboard_for_administrators_alone(
    visitor: TestClient, make_user: MakeUser, give_phone: GivePhone
) -> None:
    phone = give_phone(make_user())
    assert enter(visitor, "ada@example.com") == 401
    form = {"challenge": challenge_of(visitor), "code": phone.code()}
    response = visitor.post("/dashboard/login", data=form, headers=OWN)
    assert response.status_code == 401
    assert "Begin again" in response.text
    assert COOKIE not in visitor.cookies


@pytest.mark.parametrize("challenge", ['"><script>alert(1)</script>', "x" * 3000, "%00", "é"])
def test_odd_challenges_are_none(visitor: TestClient, challenge: str) -> None:
    form = {"challenge": challenge, "code": "123456"}
    response = visitor.post("/dashboard/login", data=form, headers=OWN)
    assert response.status_code == 401
    assert "Begin again" in response.text
    assert "<script>" not in response.text


def test_who_needs_a_second_factor_does_not_get_in_without(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch, db_session: Session
) -> None:
    assert enter(visitor) == 303
    changed = second_factor.settings.model_copy(
        update={"AUTH_SECOND_FACTOR_REQUIRED_ROLES": ["admin"]}
    )
    monkeypatch.setattr(second_factor, "settings", changed)
    assert visitor.get("/dashboard/").status_code == 401
    form = {"email": "admin@example.com", "password": PASSWORD}
    response = visitor.post("/dashboard/login", data=form, headers=OWN)
    assert response.status_code == 401
    assert "http://localhost:8000/account/second-factor" in response.text
    # And no session is left behind.
    assert [row.ended_at is None for row in db_session.exec(select(AuthSession))] == [True, False]


def test_the_token_of_operators_does_not_open_it(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {"token": "a-token-for-the-tests"}
    assert visitor.post("/dashboard/login", data=form, headers=OWN).status_code == 401


def test_forms_of_others_cannot_sign_in(visitor: TestClient) -> None:
    form = {"email": "admin@example.com", "password": PASSWORD}
    headers = {"Origin": "https://evil.example"}
    assert visitor.post("/dashboard/login", data=form, headers=headers).status_code == 403


@pytest.mark.usefixtures("clock")
def test_guessing_is_limited(visitor: TestClient) -> None:
    for _ in range(10):
        enter(visitor, password="a wrong password")
    form = {"email": "admin@example.com", "password": PASSWORD}
    response = visitor.post("/dashboard/login", data=form, headers=OWN)
    assert response.status_code == 401
    assert "Too many tries" in response.text


@pytest.mark.parametrize("password", ["", "x" * 3000, "%00", "%ED%A0%BD", "a\0b"])
def test_odd_passwords_are_wrong_ones(visitor: TestClient, password: str) -> None:
    assert enter(visitor, password=password) == 401


def test_a_lost_role_closes_it(visitor: TestClient, db_session: Session) -> None:
    enter(visitor)
    user = db_session.exec(select(User)).one()
    user.role = "user"
    db_session.add(user)
    db_session.commit()
    assert visitor.get("/dashboard/").status_code == 401


def test_an_open_dashboard_closes_with_its_session(
    visitor: TestClient, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "ADMIT_SECONDS", 0.05)
    enter(visitor)
    with visitor.websocket_connect("/dashboard/ws", headers=OWN) as websocket:
        user = db_session.exec(select(User)).one()
        user.session_epoch += 1
        db_session.add(user)
        db_session.commit()
        with pytest.raises(WebSocketDisconnect):
            websocket.receive_bytes()


def test_cookies_expire_and_cannot_be_made_up(visitor: TestClient, db_session: Session) -> None:
    enter(visitor)
    row = db_session.exec(select(AuthSession)).one()
    cookie = make_cookie(row.id)
    assert read_cookie(cookie) == row.id
    assert read_cookie(make_cookie(row.id, now=-COOKIE_SECONDS)) is None
    session, expires, kid, signature = cookie.split(".")
    for made_up in (
        "",
        "...",
        f"{session}.9999999999.{kid}.{signature}",
        f"{'0' * 32}.{expires}.{kid}.{signature}",
        f"{session}.{expires}.{'0' * 16}.{signature}",
        f"{session}.{expires}.{kid}.é",
        f"{cookie}.",
    ):
        assert read_cookie(made_up) is None


def test_details_of_the_health_are_for_administrators(
    visitor: TestClient, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.core import operators

    make_user()
    production = operators.settings.model_copy(update={"APP_ENV": "production"})
    monkeypatch.setattr(operators, "settings", production)
    path = "/health/detailed"
    assert visitor.get(path).status_code == 401
    assert visitor.get(path, headers=as_user(visitor)).status_code == 401
    assert visitor.get(path, headers=as_user(visitor, "admin@example.com")).status_code == 200


def test_the_door_is_that_of_accounts() -> None:
    assert isinstance(door(), accounts_door.AccountsDoor)

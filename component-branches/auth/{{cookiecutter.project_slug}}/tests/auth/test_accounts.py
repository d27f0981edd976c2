"""Registering, confirming, changing, and a forgotten password."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from app.models.user import User
from tests.auth.support import (
    API,
    OTHER_PASSWORD,
    PASSWORD,
    Mailbox,
    as_user,
    bearer,
    is_problem,
    log_in,
    secret_of,
    tokens_of,
)
from tests.fixtures.auth import MakeUser

ADA = {"email": "ada@example.com", "password": PASSWORD, "full_name": "Ada Lovelace"}


def register(client: TestClient, **values: str) -> None:
    response = client.post(f"{API}/register", json=ADA | values)
    assert response.status_code == 202, response.text


def verify(client: TestClient, token: str) -> int:
    return client.post(f"{API}/verify-email", json={"token": token}).status_code


def test_an_account_from_registration_to_login(client: TestClient, mailbox: Mailbox) -> None:
    register(client)
    is_problem(log_in(client), 401)
    mail = mailbox.take(client)
    assert mail.to == "ada@example.com"
    assert verify(client, secret_of(mail)) == 204
    me = client.get(f"{API}/me", headers=as_user(client)).json()
    assert me["email"] == "ada@example.com"
    assert me["full_name"] == "Ada Lovelace"
    assert me["role"] == "user"
    assert "password_hash" not in me
    assert me["last_login_at"] is not None


def test_a_confirmation_works_once(client: TestClient, mailbox: Mailbox) -> None:
    register(client)
    token = mailbox.secret(client)
    assert [verify(client, token), verify(client, token)] == [204, 400]
    assert verify(client, "made-up") == 400


def test_a_confirmation_is_for_nothing_else(client: TestClient, mailbox: Mailbox) -> None:
    register(client)
    body = {"token": mailbox.secret(client), "new_password": OTHER_PASSWORD}
    is_problem(client.post(f"{API}/reset-password", json=body), 400)


def test_nobody_leaves_a_password_behind_for_the_owner_of_an_address(
    client: TestClient, mailbox: Mailbox
) -> None:
    register(client, password="the password of a thief", full_name="Thief")
    mailbox.secret(client)
    register(client)
    assert verify(client, mailbox.secret(client)) == 204
    assert log_in(client, password="the password of a thief").status_code == 401
    me = client.get(f"{API}/me", headers=as_user(client)).json()
    assert me["full_name"] == "Ada Lovelace"


def test_the_link_of_an_older_registration_dies_with_the_confirmation(
    client: TestClient, mailbox: Mailbox
) -> None:
    register(client, password="the password of a thief")
    theirs = mailbox.secret(client)
    register(client)
    assert verify(client, mailbox.secret(client)) == 204
    assert verify(client, theirs) == 400
    assert log_in(client).status_code == 200


def test_registration_takes_no_role(client: TestClient, db_session: Session) -> None:
    for more in ({"role": "admin"}, {"is_verified": True}, {"is_active": True}, {"id": "1"}):
        is_problem(client.post(f"{API}/register", json=ADA | more), 422)
    assert db_session.exec(select(User)).all() == []


def test_registration_can_be_closed(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.services.auth import accounts

    closed = accounts.settings.model_copy(update={"AUTH_REGISTRATION_ENABLED": False})
    monkeypatch.setattr(accounts, "settings", closed)
    is_problem(client.post(f"{API}/register", json=ADA), 403)


def test_only_the_name_can_be_changed(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    headers = as_user(client)
    changed = client.patch(f"{API}/me", json={"full_name": " Countess "}, headers=headers)
    assert changed.json()["full_name"] == "Countess"
    for field in ("role", "email", "is_verified", "session_epoch", "password_hash"):
        body = {"full_name": "Ada", field: "admin"}
        is_problem(client.patch(f"{API}/me", json=body, headers=headers), 422)
    assert client.get(f"{API}/me", headers=headers).json()["role"] == "user"


def test_a_new_password_ends_all_other_sessions(
    client: TestClient, make_user: MakeUser, mailbox: Mailbox
) -> None:
    make_user()
    here, elsewhere = tokens_of(client), tokens_of(client)
    body = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    response = client.post(
        f"{API}/change-password", json=body, headers=bearer(here["access_token"])
    )
    assert response.status_code == 204
    assert client.get(f"{API}/me", headers=bearer(here["access_token"])).status_code == 200
    is_problem(client.get(f"{API}/me", headers=bearer(elsewhere["access_token"])), 401)
    renewed = client.post(f"{API}/refresh", json={"refresh_token": elsewhere["refresh_token"]})
    is_problem(renewed, 401)
    renewed = client.post(f"{API}/refresh", json={"refresh_token": here["refresh_token"]})
    assert renewed.status_code == 200
    assert log_in(client).status_code == 401
    assert log_in(client, password=OTHER_PASSWORD).status_code == 200
    assert "password was changed" in mailbox.take(client).subject


def test_a_new_password_takes_the_present_one(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    body = {"current_password": "a wrong password", "new_password": OTHER_PASSWORD}
    is_problem(client.post(f"{API}/change-password", json=body, headers=as_user(client)), 400)
    assert log_in(client).status_code == 200


def test_a_forgotten_password(client: TestClient, make_user: MakeUser, mailbox: Mailbox) -> None:
    make_user()
    before = tokens_of(client)
    response = client.post(f"{API}/forgot-password", json={"email": "ADA@example.com"})
    assert response.status_code == 202
    token = mailbox.secret(client)
    body = {"token": token, "new_password": OTHER_PASSWORD}
    assert client.post(f"{API}/reset-password", json=body).status_code == 204
    assert "password was changed" in mailbox.take(client).subject
    is_problem(client.get(f"{API}/me", headers=bearer(before["access_token"])), 401)
    assert log_in(client).status_code == 401
    assert log_in(client, password=OTHER_PASSWORD).status_code == 200
    is_problem(client.post(f"{API}/reset-password", json=body), 400)


def test_a_password_that_is_refused_uses_no_link_up(
    client: TestClient, make_user: MakeUser, mailbox: Mailbox
) -> None:
    make_user()
    client.post(f"{API}/forgot-password", json={"email": "ada@example.com"})
    token = mailbox.secret(client)
    body = {"token": token, "new_password": "1234567890"}
    is_problem(client.post(f"{API}/reset-password", json=body), 422)
    body = {"token": token, "new_password": OTHER_PASSWORD}
    assert client.post(f"{API}/reset-password", json=body).status_code == 204


def test_a_new_password_kills_links_that_were_mailed_before(
    client: TestClient, make_user: MakeUser, mailbox: Mailbox
) -> None:
    make_user()
    client.post(f"{API}/forgot-password", json={"email": "ada@example.com"})
    token = mailbox.secret(client)
    body = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    assert (
        client.post(f"{API}/change-password", json=body, headers=as_user(client)).status_code == 204
    )
    body = {"token": token, "new_password": "the password of a thief"}
    is_problem(client.post(f"{API}/reset-password", json=body), 400)


def test_links_end_with_their_time(
    client: TestClient, make_user: MakeUser, mailbox: Mailbox, db_session: Session
) -> None:
    from datetime import timedelta

    from app.models.auth import AuthLink

    make_user()
    client.post(f"{API}/forgot-password", json={"email": "ada@example.com"})
    token = mailbox.secret(client)
    link = db_session.exec(select(AuthLink)).one()
    assert link.token_hash != token
    link.expires_at -= timedelta(minutes=31)
    db_session.add(link)
    db_session.commit()
    body = {"token": token, "new_password": OTHER_PASSWORD}
    is_problem(client.post(f"{API}/reset-password", json=body), 400)


def test_accounts_that_are_closed_get_no_link(
    client: TestClient, make_user: MakeUser, mailbox: Mailbox
) -> None:
    make_user(is_active=False)
    client.post(f"{API}/forgot-password", json={"email": "ada@example.com"})
    register(client)
    mailbox.settle(client)
    assert mailbox.mails == []

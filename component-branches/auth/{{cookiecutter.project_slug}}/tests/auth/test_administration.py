"""What administrators can do, and others cannot."""

import asyncio

import pytest
from fastapi.testclient import TestClient

from app.core.db import Database
from app.core.errors import ConflictError
from app.services.auth import COMMAND_LINE, administration
from tests.auth.support import (
    API,
    OTHER_PASSWORD,
    Headers,
    Mailbox,
    as_user,
    is_problem,
    log_in,
    secret_of,
)
from tests.fixtures.auth import MakeUser


@pytest.fixture
def admin(client: TestClient, make_user: MakeUser) -> Headers:
    """An administrator who has signed in."""
    make_user("admin@example.com", role="admin")
    return as_user(client, "admin@example.com")


def test_accounts_are_listed_in_pages(
    client: TestClient, make_user: MakeUser, admin: Headers
) -> None:
    for number in range(5):
        make_user(f"user{number}@example.com")
    found = []
    for offset in (0, 2, 4):
        page = client.get(f"{API}/users", params={"offset": offset, "limit": 2}, headers=admin)
        assert page.json()["total"] == 6
        found += [user["email"] for user in page.json()["users"]]
    assert found == ["admin@example.com", *(f"user{n}@example.com" for n in range(5))]
    assert "password_hash" not in page.text


def test_accounts_are_found(client: TestClient, make_user: MakeUser, admin: Headers) -> None:
    make_user("grace@example.com")
    make_user("closed_one@example.com", is_active=False)

    def search(**words: str | bool) -> list[str]:
        response = client.get(f"{API}/users", params=words, headers=admin)
        assert response.status_code == 200
        return [user["email"] for user in response.json()["users"]]

    assert search(search="GRACE") == ["grace@example.com"]
    assert search(search="lovelace", role="admin") == ["admin@example.com"]
    assert search(is_active=False) == ["closed_one@example.com"]
    # What people type holds no wildcards, and no SQL.
    assert search(search="%") == search(search="' OR 1=1 --") == []
    assert search(search="d_o") == ["closed_one@example.com"]


def test_an_invitation(client: TestClient, admin: Headers, mailbox: Mailbox) -> None:
    body = {"email": "Grace@example.com", "full_name": "Grace Hopper", "role": "admin"}
    made = client.post(f"{API}/users", json=body, headers=admin)
    assert made.status_code == 201
    assert made.json()["email"] == "grace@example.com"
    is_problem(client.post(f"{API}/users", json=body, headers=admin), 409)
    is_problem(log_in(client, "grace@example.com", ""), 422)
    body = {"token": secret_of(mailbox.take(client)), "new_password": OTHER_PASSWORD}
    assert client.post(f"{API}/reset-password", json=body).status_code == 204
    assert log_in(client, "grace@example.com", OTHER_PASSWORD).status_code == 200


@pytest.mark.parametrize("role", ["admin", "user"])
def test_a_stranger_who_registers_an_invited_address_gets_nothing(
    client: TestClient, admin: Headers, mailbox: Mailbox, role: str
) -> None:
    """Its owner waits for a mail, and would open any: the account must not have a stranger's password."""
    client.post(f"{API}/users", json={"email": "grace@example.com", "role": role}, headers=admin)
    invitation = secret_of(mailbox.take(client))
    body = {"email": "grace@example.com", "password": "a password of mallory"}
    assert client.post(f"{API}/register", json=body).status_code == 202
    assert "#" not in mailbox.take(client).text
    body = {"token": invitation, "new_password": OTHER_PASSWORD}
    assert client.post(f"{API}/reset-password", json=body).status_code == 204
    assert log_in(client, "grace@example.com", OTHER_PASSWORD).status_code == 200


def test_a_registration_does_not_confirm_what_has_a_role_by_now(
    client: TestClient, admin: Headers, mailbox: Mailbox
) -> None:
    body = {"email": "grace@example.com", "password": "a password of mallory"}
    client.post(f"{API}/register", json=body)
    registration = mailbox.secret(client)
    page = client.get(f"{API}/users", params={"search": "grace"}, headers=admin).json()
    path = f"{API}/users/{page['users'][0]['id']}/role"
    assert client.put(path, json={"role": "admin"}, headers=admin).status_code == 200
    is_problem(client.post(f"{API}/verify-email", json={"token": registration}), 400)
    # A new password proves the address, and is its owner's choice.
    client.post(f"{API}/forgot-password", json={"email": "grace@example.com"})
    body = {"token": mailbox.secret(client), "new_password": OTHER_PASSWORD}
    assert client.post(f"{API}/reset-password", json=body).status_code == 204
    assert log_in(client, "grace@example.com", OTHER_PASSWORD).status_code == 200


def test_administrators_choose_no_passwords(client: TestClient, admin: Headers) -> None:
    body = {"email": "grace@example.com", "password": OTHER_PASSWORD}
    is_problem(client.post(f"{API}/users", json=body, headers=admin), 422)


def test_a_role_counts_at_once(client: TestClient, make_user: MakeUser, admin: Headers) -> None:
    ada = make_user()
    theirs = as_user(client)
    is_problem(client.get(f"{API}/users", headers=theirs), 403)
    path = f"{API}/users/{ada.id}/role"
    assert client.put(path, json={"role": "admin"}, headers=admin).json()["role"] == "admin"
    assert client.get(f"{API}/users", headers=theirs).status_code == 200
    client.put(path, json={"role": "user"}, headers=admin)
    response = client.get(f"{API}/users", headers=theirs)
    is_problem(response, 403)
    assert response.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'
    is_problem(client.put(path, json={"role": "root"}, headers=admin), 422)


def test_closing_an_account_counts_at_once(
    client: TestClient, make_user: MakeUser, admin: Headers
) -> None:
    ada = make_user()
    tokens = log_in(client).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    closed = client.post(f"{API}/users/{ada.id}/deactivate", headers=admin)
    assert closed.json()["is_active"] is False
    is_problem(client.get(f"{API}/me", headers=headers), 401)
    is_problem(client.post(f"{API}/refresh", json={"refresh_token": tokens["refresh_token"]}), 401)
    is_problem(log_in(client), 401)
    assert client.post(f"{API}/users/{ada.id}/activate", headers=admin).json()["is_active"]
    # What ended stays ended.
    is_problem(client.get(f"{API}/me", headers=headers), 401)
    assert log_in(client).status_code == 200


def test_sessions_of_others_are_seen_and_ended(
    client: TestClient, make_user: MakeUser, admin: Headers
) -> None:
    ada = make_user()
    theirs = as_user(client)
    found = client.get(f"{API}/users/{ada.id}/sessions", headers=admin).json()
    assert [row["is_current"] for row in found] == [False]
    assert client.delete(f"{API}/users/{ada.id}/sessions", headers=admin).status_code == 204
    is_problem(client.get(f"{API}/me", headers=theirs), 401)
    assert client.get(f"{API}/users/{ada.id}/sessions", headers=admin).json() == []


def test_a_link_for_a_new_password(
    client: TestClient, make_user: MakeUser, admin: Headers, mailbox: Mailbox
) -> None:
    ada = make_user()
    response = client.post(f"{API}/users/{ada.id}/reset-password", headers=admin)
    assert response.status_code == 202
    assert mailbox.take(client).to == "ada@example.com"
    assert "token" not in response.text


def test_one_administrator_is_left(client: TestClient, make_user: MakeUser, admin: Headers) -> None:
    [me] = client.get(f"{API}/users", headers=admin).json()["users"]
    role = f"{API}/users/{me['id']}/role"
    is_problem(client.put(role, json={"role": "user"}, headers=admin), 409)
    is_problem(client.post(f"{API}/users/{me['id']}/deactivate", headers=admin), 409)
    assert client.get(f"{API}/users", headers=admin).status_code == 200
    make_user("second@example.com", role="admin")
    assert client.put(role, json={"role": "user"}, headers=admin).status_code == 200


async def test_two_administrators_cannot_remove_each_other_at_once(
    make_user: MakeUser, database: Database
) -> None:
    for number in range(10):
        pair = [make_user(f"{name}{number}@example.com", role="admin") for name in "ab"]
        found = await asyncio.gather(
            *(administration.set_role(u.id, "user", client=COMMAND_LINE) for u in pair),
            return_exceptions=True,
        )
        kinds = sorted(type(result).__name__ for result in found)
        assert kinds == ["ConflictError", "User"] or ConflictError.__name__ not in kinds
        left = await administration.list_users(role="admin", is_active=True)
        assert left.total >= 1
        for user in left.users:
            make_user(f"next-{user.email}", role="admin")
            await administration.set_role(user.id, "user", client=COMMAND_LINE)
    await database.aclose()


def test_everything_is_in_the_audit_log(
    client: TestClient, make_user: MakeUser, admin: Headers
) -> None:
    ada = make_user()
    log_in(client, password="a wrong password")
    theirs = as_user(client)
    client.post(f"{API}/logout", headers=theirs)
    client.put(f"{API}/users/{ada.id}/role", json={"role": "admin"}, headers=admin)
    client.post(f"{API}/users/{ada.id}/deactivate", headers=admin)
    found = client.get(f"{API}/audit", params={"user_id": str(ada.id)}, headers=admin).json()
    assert [event["name"] for event in found] == [
        "deactivated",
        "role_changed",
        "logged_out",
        "logged_in",
        "login_failed",
    ]
    [me] = client.get(f"{API}/users", params={"search": "admin@"}, headers=admin).json()["users"]
    assert found[1]["actor_id"] == me["id"]
    assert found[1]["details"] == {"before": "user", "after": "admin"}
    assert found[0]["address"] == "testclient"
    older = client.get(
        f"{API}/audit", params={"before": found[1]["id"], "limit": 1}, headers=admin
    ).json()
    assert older[0]["id"] < found[1]["id"]


def test_what_is_refused_is_in_the_logs(
    client: TestClient, make_user: MakeUser, caplog: pytest.LogCaptureFixture
) -> None:
    user = make_user()
    assert client.get(f"{API}/users", headers=as_user(client)).status_code == 403
    client.post(f"{API}/logout", headers={"Origin": "https://evil.example"})
    refused = [record for record in caplog.records if record.getMessage().endswith("_refused")]
    assert [record.getMessage() for record in refused] == [
        "auth_role_refused",
        "auth_origin_refused",
    ]
    assert vars(refused[0])["values"]["user_id"] == str(user.id)


def test_the_audit_log_holds_no_secrets(
    client: TestClient, make_user: MakeUser, admin: Headers
) -> None:
    make_user()
    log_in(client, "typed-the-password-here", "a wrong password")
    text = client.get(f"{API}/audit", headers=admin).text
    assert "no such account" in text
    assert "typed-the-password-here" not in text
    assert "a wrong password" not in text

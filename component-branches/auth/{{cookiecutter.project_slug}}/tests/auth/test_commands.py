"""`auth`: the command line."""

import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from app.cli.commands import build_cli
from app.core.db import Database
from app.core.errors import AppError, ConflictError
from app.core.explain import explanation
from app.core.security import key_ring, keys
from app.services.auth import login, seed
from tests.auth.support import OTHER_PASSWORD, PASSWORD, Mailbox, challenge_of, log_in
from tests.fixtures.auth import GivePhone, MakeUser

runner = CliRunner()


def run(*arguments: str, typed: str = "") -> str:
    result = runner.invoke(build_cli(), ["auth", *arguments], input=typed, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_test_users_can_sign_in(client: TestClient) -> None:
    output = run("create-test-users", "--count", "3")
    assert "admin@example.com" in output
    assert "admin123" in output
    assert log_in(client, "admin@example.com", "admin123").status_code == 200
    assert log_in(client, "user2@example.com", "user2123").status_code == 200
    found = {user["email"]: user["role"] for user in json.loads(run("list", "--json"))}
    assert found == {
        "admin@example.com": "admin",
        "user1@example.com": "user",
        "user2@example.com": "user",
    }
    assert run("create-test-users", "--count", "3").count("was there already") == 3


def test_production_has_no_test_users(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = seed.settings.model_copy(update={"APP_ENV": "production"})
    monkeypatch.setattr(seed, "settings", changed)
    with pytest.raises(AppError, match="not in production"):
        run("create-test-users")
    assert json.loads(run("list", "--json")) == []


def test_production_lets_no_test_user_in(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database may come from a machine where they were made."""
    run("create-test-users", "--count", "1")
    changed = login.settings.model_copy(update={"APP_ENV": "production"})
    monkeypatch.setattr(login, "settings", changed)
    assert log_in(client, "admin@example.com", "admin123").status_code == 401


def test_the_first_administrator(client: TestClient) -> None:
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    assert "admin" in run("create-user", "Ada@Example.com", "--role", "admin", typed=typed)
    assert log_in(client).status_code == 200


def test_a_weak_password_is_refused() -> None:
    with pytest.raises(AppError, match="most common"):
        run("create-user", "ada@example.com", typed="1234567890\n1234567890\n")
    assert json.loads(run("list", "--json")) == []


def test_nobody_types_a_password_for_an_account_that_is_there(make_user: MakeUser) -> None:
    make_user()
    asked = ["auth", "create-user", "ada@example.com"]
    result = runner.invoke(build_cli(), asked, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert isinstance(result.exception, ConflictError)
    assert "Password" not in result.output


def test_nobody_types_a_password_where_migrations_are_missing(empty_database: Database) -> None:
    asked = ["auth", "create-user", "ada@example.com"]
    result = runner.invoke(build_cli(), asked, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exception is not None
    assert (explanation(result.exception) or "").endswith("Apply them with: make migrate")
    assert "Password" not in result.output


def test_the_api_says_that_migrations_are_missing(app: FastAPI, empty_database: Database) -> None:
    answer = log_in(TestClient(app))
    assert answer.status_code == 503
    assert answer.json()["detail"] == "The database lacks migrations: nobody has applied them yet."


def test_an_invitation_is_mailed(mailbox: Mailbox) -> None:
    run("create-user", "ada@example.com", "--invite")
    assert [mail.to for mail in mailbox.mails] == ["ada@example.com"]


def test_accounts_change(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    make_user("admin@example.com", role="admin")
    assert "is admin" in run("set-role", "ADA@example.com", "admin")
    assert "deactivated" in run("deactivate", "ada@example.com")
    assert log_in(client).status_code == 401
    assert "active" in run("activate", "ada@example.com")
    assert log_in(client).status_code == 200
    shown = run("show", "ada@example.com")
    assert "role_changed" in shown
    assert "argon2" not in shown
    assert json.loads(run("show", "ada@example.com", "--json"))["role"] == "admin"
    assert "ada@example.com" in run("list", "ada")


def test_more_accounts_than_a_database_can_count_are_refused() -> None:
    result = runner.invoke(build_cli(), ["auth", "list", "--limit", "9" * 20])
    assert result.exit_code == 2


def test_sessions_are_shown_and_ended(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    token = log_in(client).json()["access_token"]
    assert "testclient" in run("sessions", "ada@example.com")
    run("sessions", "ada@example.com", "--end")
    assert "nowhere" in run("sessions", "ada@example.com")
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/auth/me", headers=headers).status_code == 401


def test_a_password_is_set(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    run("reset-password", "ada@example.com", typed=f"{OTHER_PASSWORD}\n{OTHER_PASSWORD}\n")
    assert log_in(client).status_code == 401
    assert log_in(client, password=OTHER_PASSWORD).status_code == 200


def test_a_lost_second_factor_is_removed(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone, mailbox: Mailbox
) -> None:
    give_phone(make_user())
    make_user("grace@example.com")
    found = {user["email"]: user["second_factor_at"] for user in json.loads(run("list", "--json"))}
    assert found["ada@example.com"]
    assert found["grace@example.com"] is None
    assert "yes" in run("list", "ada")
    challenge_of(client)
    assert "password alone" in run("reset-second-factor", "ada@example.com")
    assert [mail.to for mail in mailbox.mails] == ["ada@example.com"]
    assert log_in(client).status_code == 200
    assert "second_factor_reset" in run("show", "ada@example.com")
    with pytest.raises(AppError, match="has no second factor"):
        run("reset-second-factor", "ada@example.com")


@pytest.mark.parametrize(
    "arguments",
    [["show", "nobody@example.com"], ["set-role", "nobody@example.com", "admin"]],
)
def test_an_account_that_is_not_there(arguments: list[str]) -> None:
    with pytest.raises(AppError, match="There is no account"):
        run(*arguments)


def test_a_role_that_is_not_there(make_user: MakeUser) -> None:
    make_user()
    result = runner.invoke(build_cli(), ["auth", "set-role", "ada@example.com", "root"])
    assert result.exit_code == 2
    assert "user, admin" in result.output


def test_keys_rotate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Those of development lie in a file that nobody else may read."""
    monkeypatch.setattr(keys, "KEY_FILE", tmp_path / "auth" / "signing-keys")
    development = keys.settings.model_copy(update={"APP_ENV": "development"})
    monkeypatch.setattr(keys, "settings", development)
    key_ring.cache_clear()
    try:
        first = key_ring().current
        assert keys.KEY_FILE.stat().st_mode & 0o777 == 0o600
        assert len(first.secret) >= 32
        run("rotate-keys")
        second = key_ring()
        assert second.current != first
        assert second.find(first.kid) == first
        for _ in range(3):
            run("rotate-keys")
        assert key_ring().find(first.kid) is None
    finally:
        key_ring.cache_clear()

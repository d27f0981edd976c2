"""Ways to sign in, added and removed by the owner of an account."""

import time

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import Session, select
from time_machine import travel

from app.models.auth import AuthEvent
from app.models.oauth import AuthIdentity
from app.models.user import User
from app.services.oauth import providers
from tests.auth.support import Headers, Mailbox, as_user, is_problem, log_in
from tests.auth.test_commands import run
from tests.fixtures.auth import MakeUser
from tests.oauth.provider import OIDCProvider
from tests.oauth.support import API, agree, come_back, sign_in, who


@pytest.fixture
def ada(browser: TestClient, sso: OIDCProvider, make_user: MakeUser) -> Headers:
    """Somebody with a password, whose address the provider does not know."""
    make_user()
    sso.someone.email = "countess@example.org"
    return as_user(browser)


def begin_link(browser: TestClient, headers: Headers, name: str = "sso", **body: str) -> Response:
    return browser.post(f"{API}/{name}/link", headers=headers, json=body)


def link(browser: TestClient, headers: Headers, name: str = "sso", **body: str) -> Response:
    response = begin_link(browser, headers, name, **body)
    assert response.status_code == 200, response.text
    return come_back(browser, agree(response.json()["url"]))


def linked(browser: TestClient, headers: Headers) -> list[dict[str, str]]:
    return browser.get(f"{API}/identities", headers=headers).json()


def events(db_session: Session) -> list[str]:
    return [event.name for event in db_session.exec(select(AuthEvent)) if "identity" in event.name]


def test_another_way_in_is_added(
    browser: TestClient, ada: Headers, mailbox: Mailbox, db_session: Session
) -> None:
    response = link(browser, ada, next="/settings")
    assert response.headers["Location"] == "/settings"
    assert who(browser) is None
    [found] = linked(browser, ada)
    assert (found["title"], found["email"]) == ("Example", "countess@example.org")
    assert set(found) == {"id", "title", "email", "created_at", "last_used_at"}
    assert "sign in" in mailbox.take(browser).text
    assert events(db_session) == ["identity_linked"]
    sign_in(browser)
    assert who(browser) == "ada@example.com"


def test_the_same_one_again_changes_nothing(browser: TestClient, ada: Headers) -> None:
    for _ in range(2):
        assert link(browser, ada).status_code == 200
    assert len(linked(browser, ada)) == 1


def test_that_of_somebody_else_is_not_taken(
    browser: TestClient, ada: Headers, make_user: MakeUser
) -> None:
    link(browser, ada)
    make_user("bob@example.com")
    bob = as_user(browser, "bob@example.com")
    is_problem(link(browser, bob), 409)
    assert linked(browser, bob) == []
    assert len(linked(browser, ada)) == 1


def test_the_address_does_not_matter_for_whoever_is_signed_in(
    browser: TestClient, sso: OIDCProvider, ada: Headers
) -> None:
    sso.someone.email, sso.someone.email_verified = "nobody@example.com", False
    assert link(browser, ada).status_code == 200


def test_strangers_link_nothing(browser: TestClient, sso: OIDCProvider) -> None:
    is_problem(begin_link(browser, {}), 401)
    is_problem(browser.get(f"{API}/identities"), 401)


def test_another_site_cannot_have_a_browser_link(
    browser: TestClient, sso: OIDCProvider, make_user: MakeUser
) -> None:
    make_user()
    csrf = log_in(browser, use_cookies=True).json()["csrf_token"]
    is_problem(begin_link(browser, {}), 403)
    is_problem(begin_link(browser, {"X-CSRF-Token": csrf, "Origin": "https://evil.example"}), 403)
    assert begin_link(browser, {"X-CSRF-Token": csrf}).status_code == 200


def test_whoever_finds_an_open_session_gets_no_way_in_of_their_own(
    browser: TestClient, ada: Headers
) -> None:
    link(browser, ada)
    [found] = linked(browser, ada)
    with travel(time.time() + 601):
        is_problem(begin_link(browser, ada), 403)
        is_problem(browser.delete(f"{API}/identities/{found['id']}", headers=ada), 403)
        assert begin_link(browser, as_user(browser)).status_code == 200


def test_a_session_that_has_ended_meanwhile_links_nothing(
    browser: TestClient, ada: Headers, db_session: Session
) -> None:
    url = agree(begin_link(browser, ada).json()["url"])
    browser.post("/api/auth/logout-everywhere", headers=ada)
    is_problem(come_back(browser, url), 401)
    assert db_session.exec(select(AuthIdentity)).all() == []


def test_another_browser_cannot_end_a_link(browser: TestClient, ada: Headers) -> None:
    """Or a stranger would get their own identity into the account of whoever they send the address to."""
    url = agree(begin_link(browser, ada).json()["url"])
    other = TestClient(browser.app, base_url="https://testserver")
    is_problem(come_back(other, url), 400)


def test_nobody_is_sent_elsewhere_after_a_link(browser: TestClient, ada: Headers) -> None:
    is_problem(begin_link(browser, ada, next="//evil.example"), 400)


def test_a_way_in_is_removed(
    browser: TestClient, ada: Headers, mailbox: Mailbox, db_session: Session
) -> None:
    link(browser, ada)
    mailbox.take(browser)
    [found] = linked(browser, ada)
    response = browser.delete(f"{API}/identities/{found['id']}", headers=ada)
    assert response.status_code == 204
    assert linked(browser, ada) == []
    assert events(db_session) == ["identity_linked", "identity_unlinked"]
    assert "no longer" in mailbox.take(browser).text
    sign_in(browser)
    assert who(browser) == "countess@example.org"


def test_that_of_somebody_else_is_not_removed(
    browser: TestClient, ada: Headers, make_user: MakeUser
) -> None:
    link(browser, ada)
    [found] = linked(browser, ada)
    make_user("bob@example.com")
    bob = as_user(browser, "bob@example.com")
    is_problem(browser.delete(f"{API}/identities/{found['id']}", headers=bob), 404)
    assert len(linked(browser, ada)) == 1


def from_provider(browser: TestClient) -> Headers:
    sign_in(browser, use="tokens")
    token = browser.post(f"{API}/tokens").json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def test_the_last_way_in_stays(browser: TestClient, sso: OIDCProvider) -> None:
    headers = from_provider(browser)
    [first] = linked(browser, headers)
    is_problem(browser.delete(f"{API}/identities/{first['id']}", headers=headers), 409)
    link(browser, headers, "github")
    assert browser.delete(f"{API}/identities/{first['id']}", headers=headers).status_code == 204
    [second] = linked(browser, headers)
    is_problem(browser.delete(f"{API}/identities/{second['id']}", headers=headers), 409)


def test_a_provider_that_has_gone_is_no_way_in(
    browser: TestClient, sso: OIDCProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = from_provider(browser)
    link(browser, headers, "github")
    [first, second] = linked(browser, headers)
    left = {"sso": providers.configured()["sso"]}
    changed = providers.settings.model_copy(update={"OAUTH_PROVIDERS": left})
    monkeypatch.setattr(providers, "settings", changed)
    is_problem(browser.delete(f"{API}/identities/{first['id']}", headers=headers), 409)
    response = browser.delete(f"{API}/identities/{second['id']}", headers=headers)
    assert response.status_code == 204


def test_a_password_can_be_set_by_whoever_came_without(
    browser: TestClient, sso: OIDCProvider, mailbox: Mailbox
) -> None:
    headers = from_provider(browser)
    assert log_in(browser).status_code == 401
    browser.post("/api/auth/forgot-password", json={"email": "ada@example.com"})
    body = {"token": mailbox.secret(browser), "new_password": "quite another sentence"}
    assert browser.post("/api/auth/reset-password", json=body).status_code == 204
    assert browser.get(f"{API}/identities", headers=headers).status_code == 401
    headers = {
        "Authorization": "Bearer "
        + log_in(browser, password="quite another sentence").json()["access_token"]
    }
    [found] = linked(browser, headers)
    assert browser.delete(f"{API}/identities/{found['id']}", headers=headers).status_code == 204


def test_an_account_takes_its_identities_along(
    browser: TestClient, sso: OIDCProvider, db_session: Session
) -> None:
    sign_in(browser)
    db_session.delete(db_session.exec(select(User)).one())
    db_session.commit()
    assert db_session.exec(select(AuthIdentity)).all() == []


def test_the_command_line_tells_them(browser: TestClient, ada: Headers) -> None:
    link(browser, ada)
    assert "Example (countess@example.org)" in run("show", "ada@example.com")
    assert "countess@example.org" in run("show", "ada@example.com", "--json")

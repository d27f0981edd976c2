"""Whose account it is, and what the browser gets."""

import asyncio

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from app.components.backend.api.auth import cookies
from app.components.frontend.access import COOKIE
from app.models.auth import AuthEvent, AuthSession
from app.models.oauth import AuthIdentity
from app.models.user import User
from app.services.auth import Client
from app.services.oauth import Person
from app.services.oauth import sign_in as service
from tests.auth.support import Mailbox, is_problem, log_in
from tests.fixtures.auth import MakeUser
from tests.oauth.provider import OIDCProvider
from tests.oauth.support import API, agree, begin, come_back, query_of, sign_in, who


def users(db_session: Session) -> list[User]:
    db_session.expire_all()
    return list(db_session.exec(select(User)))


def refusals(db_session: Session) -> list[str]:
    query = select(AuthEvent).where(AuthEvent.name == "login_failed")
    return [event.details["reason"] for event in db_session.exec(query)]


def test_a_stranger_gets_an_account(
    browser: TestClient, sso: OIDCProvider, db_session: Session, mailbox: Mailbox
) -> None:
    response = sign_in(browser, next="/reports?year=2026")
    assert response.status_code == 303
    assert response.headers["Location"] == "/reports?year=2026"
    assert response.headers["Cache-Control"] == "no-store"
    assert who(browser) == "ada@example.com"
    [user] = users(db_session)
    assert (user.full_name, user.role, user.is_verified) == ("Ada Lovelace", "user", True)
    assert user.password_hash is None
    [identity] = db_session.exec(select(AuthIdentity))
    assert (identity.issuer, identity.subject) == (sso.issuer, "sub-of-ada")
    names = [event.name for event in db_session.exec(select(AuthEvent))]
    assert names == ["registered", "identity_linked", "logged_in"]
    mailbox.settle(browser)
    assert mailbox.mails == []


def test_nothing_of_the_provider_is_kept(
    browser: TestClient, sso: OIDCProvider, db_session: Session
) -> None:
    sign_in(browser)
    [token] = sso.tokens
    tables = (AuthIdentity, AuthEvent, AuthSession, User)
    found = [row.model_dump_json() for table in tables for row in db_session.exec(select(table))]
    assert len(found) == 6
    assert token.removeprefix("Bearer ") not in "".join(found)


def test_without_a_page_to_go_to_there_is_a_word(browser: TestClient, sso: OIDCProvider) -> None:
    response = sign_in(browser)
    assert response.status_code == 200
    assert "You are signed in" in response.text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_cookies_are_those_of_a_login(browser: TestClient, sso: OIDCProvider) -> None:
    sign_in(browser)
    names = {name for name in browser.cookies if name.startswith("__Host-")}
    assert names == {cookies.ACCESS, cookies.REFRESH, cookies.CSRF}
    before = {"Authorization": f"Bearer {browser.cookies[cookies.ACCESS]}"}
    sign_in(browser)
    assert browser.get("/api/auth/me", headers=before).status_code == 401
    csrf = {"X-CSRF-Token": browser.cookies[cookies.CSRF]}
    assert browser.post("/api/auth/refresh", headers=csrf).status_code == 200
    assert browser.patch("/api/auth/me", json={"full_name": "A"}).status_code == 403
    assert browser.post("/api/auth/logout", headers=csrf).status_code == 204
    assert who(browser) is None


def test_tokens_are_fetched_and_in_no_address(browser: TestClient, sso: OIDCProvider) -> None:
    response = sign_in(browser, use="tokens", next="/app")
    assert response.headers["Location"] == "/app"
    [line] = [c for c in response.headers.get_list("Set-Cookie") if "-tokens=" in c]
    assert "HttpOnly" in line
    assert "SameSite=strict" in line
    assert "Max-Age=60" in line
    assert who(browser) is None
    elsewhere = {"Origin": "https://evil.example"}
    is_problem(browser.post(f"{API}/tokens", headers=elsewhere), 403)
    tokens = browser.post(f"{API}/tokens").json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert browser.get("/api/auth/me", headers=bearer).status_code == 200
    is_problem(browser.post(f"{API}/tokens"), 401)
    body = {"refresh_token": tokens["refresh_token"]}
    assert browser.post("/api/auth/refresh", json=body).status_code == 200


def test_whoever_comes_again_is_known_whatever_their_address_is_now(
    browser: TestClient, sso: OIDCProvider, make_user: MakeUser, db_session: Session
) -> None:
    sign_in(browser)
    make_user("new@example.com")
    sso.someone.email = "new@example.com"
    sign_in(browser)
    assert who(browser) == "ada@example.com"
    sso.someone.email, sso.someone.email_verified = None, None
    sign_in(browser)
    assert who(browser) == "ada@example.com"
    assert len(db_session.exec(select(AuthIdentity)).all()) == 1


def test_whoever_has_the_address_now_does_not_get_the_account(
    browser: TestClient, sso: OIDCProvider, db_session: Session
) -> None:
    """The same subject of another provider, or another subject, is somebody else."""
    sign_in(browser)
    sso.someone.sub, sso.someone.email = "sub-of-bob", "bob@example.com"
    sign_in(browser)
    assert who(browser) == "bob@example.com"
    assert len(users(db_session)) == 2


def test_an_account_is_found_by_an_address_that_both_sides_have_verified(
    browser: TestClient,
    sso: OIDCProvider,
    make_user: MakeUser,
    mailbox: Mailbox,
    db_session: Session,
) -> None:
    make_user()
    sso.someone.email = "ADA@Example.com"
    sign_in(browser)
    assert who(browser) == "ada@example.com"
    assert len(users(db_session)) == 1
    mail = mailbox.take(browser)
    assert "Example" in mail.text
    assert mail.to == "ada@example.com"
    assert log_in(browser).status_code == 200


@pytest.mark.parametrize("verified", [False, None, "false", 1, "yes", ["true"]])
def test_an_address_that_the_provider_has_not_verified_is_none(
    browser: TestClient,
    sso: OIDCProvider,
    make_user: MakeUser,
    db_session: Session,
    verified: object,
) -> None:
    make_user()
    sso.someone.email_verified = verified
    for email in ("ada@example.com", "stranger@example.com"):
        sso.someone.email = email
        is_problem(sign_in(browser), 403)
    assert who(browser) is None
    assert len(users(db_session)) == 1
    assert set(refusals(db_session)) == {"address not verified by the provider"}
    assert db_session.exec(select(AuthIdentity)).all() == []


def test_an_account_that_was_never_confirmed_is_not_theirs(
    browser: TestClient, sso: OIDCProvider, make_user: MakeUser, db_session: Session
) -> None:
    """Perhaps somebody else registered the address before its owner came."""
    make_user(is_verified=False)
    response = sign_in(browser)
    is_problem(response, 403)
    assert "never confirmed" in response.json()["detail"]
    assert who(browser) is None
    assert refusals(db_session) == ["not confirmed"]
    assert db_session.exec(select(AuthIdentity)).all() == []


def test_after_it_was_confirmed_it_is(
    browser: TestClient, sso: OIDCProvider, make_user: MakeUser, mailbox: Mailbox
) -> None:
    """The owner takes the way that the answer names."""
    make_user(password=None, is_verified=False)
    is_problem(sign_in(browser), 403)
    browser.post("/api/auth/forgot-password", json={"email": "ada@example.com"})
    body = {"token": mailbox.secret(browser), "new_password": "quite another sentence"}
    assert browser.post("/api/auth/reset-password", json=body).status_code == 204
    sign_in(browser)
    assert who(browser) == "ada@example.com"


@pytest.mark.parametrize(
    "email", ["nonsense", "\u0430@example.com", "x" * 300 + "@example.com", ""]
)
def test_what_is_no_address_of_ours_makes_no_account(
    browser: TestClient, sso: OIDCProvider, db_session: Session, email: str
) -> None:
    sso.someone.email = email
    is_problem(sign_in(browser), 403)
    assert users(db_session) == []


def test_an_odd_name_is_left_out(
    browser: TestClient, sso: OIDCProvider, db_session: Session
) -> None:
    sso.someone.name = "Ada\u202egro.elpmaxe\0"
    sign_in(browser)
    assert users(db_session)[0].full_name == ""


def test_a_closed_account_stays_closed(
    browser: TestClient, sso: OIDCProvider, db_session: Session
) -> None:
    sign_in(browser)
    [user] = users(db_session)
    user.is_active = False
    db_session.add(user)
    db_session.commit()
    assert who(browser) is None
    is_problem(sign_in(browser), 403)
    assert refusals(db_session) == ["deactivated"]
    assert len(db_session.exec(select(AuthSession)).all()) == 1


def test_a_closed_account_is_not_found_by_its_address_either(
    browser: TestClient, sso: OIDCProvider, make_user: MakeUser, db_session: Session
) -> None:
    make_user(is_active=False)
    is_problem(sign_in(browser), 403)
    assert db_session.exec(select(AuthIdentity)).all() == []


def test_where_registration_is_closed_strangers_get_no_account(
    browser: TestClient,
    sso: OIDCProvider,
    make_user: MakeUser,
    db_session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed = service.settings.model_copy(update={"AUTH_REGISTRATION_ENABLED": False})
    monkeypatch.setattr(service, "settings", closed)
    is_problem(sign_in(browser), 403)
    assert users(db_session) == []
    make_user()
    sign_in(browser)
    assert who(browser) == "ada@example.com"


def test_administrators_get_into_the_dashboard(
    browser: TestClient, sso: OIDCProvider, make_user: MakeUser
) -> None:
    make_user(role="admin")
    response = sign_in(browser, use="dashboard", next="/elsewhere")
    assert response.headers["Location"] == "/dashboard/"
    [line] = [c for c in response.headers.get_list("Set-Cookie") if c.startswith(f"{COOKIE}=")]
    for attribute in ("HttpOnly", "Secure", "SameSite=lax", "Path=/dashboard"):
        assert attribute in line
    assert browser.get("/dashboard/").status_code == 200
    assert who(browser) is None


@pytest.mark.parametrize("has_account", [True, False])
def test_others_do_not(
    browser: TestClient,
    sso: OIDCProvider,
    make_user: MakeUser,
    db_session: Session,
    has_account: bool,
) -> None:
    if has_account:
        make_user()
    is_problem(sign_in(browser, use="dashboard"), 403)
    assert browser.get("/dashboard/").status_code == 401
    assert len(users(db_session)) == has_account
    assert db_session.exec(select(AuthIdentity)).all() == []


def test_the_dashboard_has_a_button_for_each(browser: TestClient, sso: OIDCProvider) -> None:
    text = browser.get("/dashboard/").text
    assert 'href="/api/auth/oauth/sso/login?use=dashboard">Sign in with Example</a>' in text
    assert "Sign in with GitHub" in text


def test_without_providers_there_is_nothing(browser: TestClient) -> None:
    assert "Sign in with" not in browser.get("/dashboard/").text
    assert browser.get(API).json() == []
    is_problem(browser.get(f"{API}/google/login"), 404)


def test_pages_find_out_who_there_is(browser: TestClient, sso: OIDCProvider) -> None:
    assert browser.get(API).json()[0] == {
        "name": "sso",
        "title": "Example",
        "login": "/api/auth/oauth/sso/login",
    }


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%0d%0a\r\nSet-Cookie: a=b",
        "/\t/evil.example",
        "javascript:alert(1)",
        "reports",
        " /reports",
        "/ünïcode",
        "/" + "x" * 500,
    ],
)
def test_nobody_is_sent_elsewhere(browser: TestClient, sso: OIDCProvider, path: str) -> None:
    is_problem(browser.get(f"{API}/sso/login", params={"next": path}), 400)
    assert sso.asked == []


def test_the_redirect_uri_does_not_come_from_the_request(
    browser: TestClient, sso: OIDCProvider
) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    response = browser.get(f"{API}/sso/login", headers=headers, follow_redirects=False)
    found = query_of(response.headers["Location"])["redirect_uri"]
    assert found == "https://testserver/api/auth/oauth/sso/callback"


async def test_two_at_once_are_one_account(
    sso: OIDCProvider, database: object, async_db_session: object
) -> None:
    person = Person(sso.issuer, "sub-of-ada", "ada@example.com", is_email_verified=True)
    found = await asyncio.gather(*(service.sign_in(person, Client("10.0.0.1")) for _ in range(4)))
    assert len({tokens.session_id for tokens in found}) == 4


@pytest.mark.usefixtures("clock")
def test_beginnings_are_limited(browser: TestClient, sso: OIDCProvider) -> None:
    for _ in range(30):
        begin(browser)
    response = browser.get(f"{API}/sso/login", follow_redirects=False)
    is_problem(response, 429)
    assert response.headers["Retry-After"]


@pytest.mark.usefixtures("clock")
def test_ends_are_limited_with_all_other_logins(browser: TestClient, sso: OIDCProvider) -> None:
    for _ in range(15):
        state = query_of(begin(browser))["state"]
        browser.get(f"{API}/sso/callback", params={"state": state, "error": "access_denied"})
    for _ in range(5):
        log_in(browser)
    is_problem(come_back(browser, agree(begin(browser))), 429)
    assert "/token" not in sso.asked

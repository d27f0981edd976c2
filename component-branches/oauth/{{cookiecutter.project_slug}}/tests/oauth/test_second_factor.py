"""An account with a second factor is asked for its code, whoever says who somebody is."""

import re

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from app.models.user import User
from tests.auth.support import Phone, is_problem
from tests.fixtures.auth import GivePhone, MakeUser
from tests.oauth.provider import OIDCProvider
from tests.oauth.support import API, sign_in, who


@pytest.fixture
def ada(make_user: MakeUser) -> User:
    """An administrator."""
    return make_user(role="admin")


@pytest.fixture
def phone(ada: User, give_phone: GivePhone) -> Phone:
    """Her authenticator app."""
    return give_phone(ada)


def type_code(browser: TestClient, page: Response, code: str, **headers: str) -> Response:
    """Fill in the form of the page, and send it."""
    assert page.status_code == 401
    assert 'action="code"' in page.text
    form = dict(re.findall(r'name="(\w+)" type="hidden" value="([^"]*)"', page.text))
    return browser.post(
        f"{API}/sso/code", data=form | {"code": code}, headers=headers, follow_redirects=False
    )


def test_a_provider_is_no_way_around_the_code(
    browser: TestClient, sso: OIDCProvider, phone: Phone
) -> None:
    page = sign_in(browser, next="/reports")
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert who(browser) is None
    page = type_code(browser, page, "000000")
    assert "code is wrong" in page.text
    assert who(browser) is None
    response = type_code(browser, page, phone.code())
    assert response.headers["Location"] == "/reports"
    assert who(browser) == "ada@example.com"


def test_it_is_asked_for_every_time(browser: TestClient, sso: OIDCProvider, phone: Phone) -> None:
    type_code(browser, sign_in(browser), phone.code())
    browser.cookies.clear()
    # The same code again is none.
    assert type_code(browser, sign_in(browser), phone.code()).status_code == 401
    assert who(browser) is None


def test_tokens_wait_for_the_code(browser: TestClient, sso: OIDCProvider, phone: Phone) -> None:
    page = sign_in(browser, use="tokens")
    is_problem(browser.post(f"{API}/tokens"), 401)
    assert type_code(browser, page, phone.code()).status_code == 200
    assert browser.post(f"{API}/tokens").json()["access_token"]


def test_the_dashboard_asks_as_well(browser: TestClient, sso: OIDCProvider, phone: Phone) -> None:
    page = sign_in(browser, use="dashboard")
    assert browser.get("/dashboard/").status_code == 401
    response = type_code(browser, page, phone.code())
    assert response.headers["Location"] == "/dashboard/"
    assert browser.get("/dashboard/").status_code == 200


def test_another_browser_cannot_send_the_code(
    browser: TestClient, sso: OIDCProvider, phone: Phone
) -> None:
    page = sign_in(browser)
    victim = TestClient(browser.app, base_url="https://testserver")
    is_problem(type_code(victim, page, phone.code()), 400)
    assert who(victim) is None
    elsewhere = {"Origin": "https://evil.example"}
    is_problem(type_code(browser, page, phone.code(), **elsewhere), 403)
    assert who(browser) is None

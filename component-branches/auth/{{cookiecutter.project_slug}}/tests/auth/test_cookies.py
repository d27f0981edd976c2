"""Tokens in cookies: who can read them, who can send them, and who can make a browser send them."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from app.components.backend.api.auth import cookies
from tests.auth.support import API, PASSWORD, is_problem, log_in
from tests.fixtures.auth import MakeUser

OWN = "https://testserver"
ELSEWHERE = "https://evil.example"


@pytest.fixture
def csrf(browser: TestClient, make_user: MakeUser) -> str:
    """A browser that has signed in; the token that its pages send."""
    make_user()
    answer = log_in(browser, use_cookies=True).json()
    return answer["csrf_token"]


def change(browser: TestClient, *, name: str = "Countess", **headers: str) -> Response:
    headers = {key.replace("_", "-"): value for key, value in headers.items()}
    return browser.patch(f"{API}/me", json={"full_name": name}, headers=headers)


def attributes(response: Response) -> dict[str, Any]:
    return {
        line.partition("=")[0]: line.lower() for line in response.headers.get_list("Set-Cookie")
    }


def test_scripts_other_sites_and_other_hosts_get_nothing(
    browser: TestClient, make_user: MakeUser
) -> None:
    make_user()
    response = log_in(browser, use_cookies=True)
    assert set(response.json()) == {"token_type", "csrf_token", "expires_in"}
    assert response.headers["Cache-Control"] == "no-store"
    found = attributes(response)
    assert set(found) == {cookies.ACCESS, cookies.REFRESH, cookies.CSRF}
    for name, line in found.items():
        assert name.startswith("__Host-")
        assert "; secure" in line
        assert "path=/" in line
        assert "domain" not in line
        assert ("httponly" in line) == (name != cookies.CSRF)
    assert "samesite=strict" in found[cookies.REFRESH]
    assert "samesite=lax" in found[cookies.ACCESS]


def test_without_asking_there_are_no_cookies(browser: TestClient, make_user: MakeUser) -> None:
    make_user()
    assert "Set-Cookie" not in log_in(browser).headers


def test_a_browser_reads_with_cookies_alone(browser: TestClient, csrf: str) -> None:
    assert csrf
    assert browser.get(f"{API}/me").status_code == 200


def test_a_browser_changes_with_the_token_of_its_session(browser: TestClient, csrf: str) -> None:
    assert change(browser, X_CSRF_Token=csrf).status_code == 200
    assert change(browser, X_CSRF_Token=csrf, Origin=OWN).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "x.y", "0" * 16 + "." + "0" * 64])
def test_without_that_token_nothing_changes(browser: TestClient, csrf: str, token: str) -> None:
    is_problem(change(browser, X_CSRF_Token=token), 403)
    is_problem(change(browser), 403)
    assert browser.get(f"{API}/me").json()["full_name"] == "Ada Lovelace"
    assert csrf != token


@pytest.mark.parametrize("nothing", ["Bearer", "bearer ", "Bearer  "])
def test_a_bearer_token_that_is_none_is_no_way_around_it(
    browser: TestClient, csrf: str, nothing: str
) -> None:
    is_problem(change(browser, Authorization=nothing), 403)
    is_problem(change(browser, Authorization=nothing, Origin=ELSEWHERE), 403)
    assert change(browser, Authorization=nothing, X_CSRF_Token=csrf).status_code == 200


def test_the_token_of_another_session_is_none(
    browser: TestClient, csrf: str, make_user: MakeUser
) -> None:
    make_user("mallory@example.com")
    other = TestClient(browser.app, base_url=OWN)
    theirs = log_in(other, "mallory@example.com", use_cookies=True).json()["csrf_token"]
    assert theirs != csrf
    is_problem(change(browser, X_CSRF_Token=theirs), 403)


@pytest.mark.parametrize(
    "origin",
    [
        ELSEWHERE,
        "null",
        "https://testserver.evil.example",
        "https://testserver@evil.example",
        "//testserver",
        "ftp://testserver",
        "https://[",
        "x",
    ],
)
def test_other_sites_change_nothing_even_with_the_token(
    browser: TestClient, csrf: str, origin: str
) -> None:
    is_problem(change(browser, X_CSRF_Token=csrf, Origin=origin), 403)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "logout"),
        ("POST", "logout-everywhere"),
        ("POST", "change-password"),
        ("POST", "refresh"),
        ("DELETE", "sessions/00000000-0000-0000-0000-000000000000"),
    ],
)
def test_a_form_of_another_site_does_nothing(
    browser: TestClient, csrf: str, method: str, path: str
) -> None:
    headers = {"Origin": ELSEWHERE, "Sec-Fetch-Site": "cross-site"}
    body = {"current_password": PASSWORD, "new_password": "quite another sentence"}
    json = body if path == "change-password" else None
    response = browser.request(method, f"{API}/{path}", headers=headers, json=json)
    is_problem(response, 403)
    assert browser.get(f"{API}/me").status_code == 200
    assert csrf


def test_nobody_is_signed_in_by_another_site(browser: TestClient, make_user: MakeUser) -> None:
    make_user()
    response = browser.post(
        f"{API}/login",
        json={"email": "ada@example.com", "password": PASSWORD, "use_cookies": True},
        headers={"Origin": ELSEWHERE},
    )
    is_problem(response, 403)
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", ["login", "login/code", "logout", "refresh"])
def test_an_origin_that_is_no_address_is_another_site(
    browser: TestClient, csrf: str, path: str
) -> None:
    login = {"email": "ada@example.com", "password": PASSWORD, "use_cookies": True}
    bodies = {"login": login, "login/code": {"challenge_token": "x", "code": "123456"}}
    for origin in (b"http://[", b"http://[::1", b"http://]", b"\x80"):
        response = browser.post(f"{API}/{path}", json=bodies.get(path), headers={b"Origin": origin})
        is_problem(response, 403)
    assert csrf


def test_a_browser_renews_its_cookies(browser: TestClient, csrf: str) -> None:
    before = browser.cookies[cookies.REFRESH]
    is_problem(browser.post(f"{API}/refresh"), 403)
    response = browser.post(f"{API}/refresh", headers={"X-CSRF-Token": csrf})
    assert response.status_code == 200
    assert response.json()["csrf_token"] == csrf
    assert browser.cookies[cookies.REFRESH] != before


def test_a_refused_renewal_takes_no_cookie_away(browser: TestClient, csrf: str) -> None:
    """Another tab may have just got new ones."""
    old = browser.cookies[cookies.REFRESH]
    for _ in range(2):
        browser.post(f"{API}/refresh", headers={"X-CSRF-Token": csrf})
    late = TestClient(browser.app, base_url=OWN, cookies={cookies.REFRESH: old})
    response = late.post(f"{API}/refresh", headers={"X-CSRF-Token": csrf})
    is_problem(response, 401)
    assert "Set-Cookie" not in response.headers


def test_signing_out_forgets_everything(browser: TestClient, csrf: str) -> None:
    access = browser.cookies[cookies.ACCESS]
    response = browser.post(f"{API}/logout", headers={"X-CSRF-Token": csrf})
    assert response.status_code == 204
    assert set(attributes(response)) == {cookies.ACCESS, cookies.REFRESH, cookies.CSRF}
    assert response.headers["Clear-Site-Data"]
    assert dict(browser.cookies) == {}
    headers = {"Authorization": f"Bearer {access}"}
    is_problem(browser.get(f"{API}/me", headers=headers), 401)


def test_signing_in_anew_ends_the_session_before(browser: TestClient, csrf: str) -> None:
    held = {"Authorization": f"Bearer {browser.cookies[cookies.ACCESS]}"}
    log_in(browser, password="a wrong password", use_cookies=True)
    assert browser.get(f"{API}/me", headers=held).status_code == 200
    # Nothing of the browser's is given up for tokens in an answer.
    assert log_in(browser).status_code == 200
    assert browser.get(f"{API}/me", headers=held).status_code == 200
    assert log_in(browser, use_cookies=True).json()["csrf_token"] != csrf
    is_problem(browser.get(f"{API}/me", headers=held), 401)
    assert browser.get(f"{API}/me").status_code == 200


def test_a_bearer_token_needs_no_csrf_token(browser: TestClient, make_user: MakeUser) -> None:
    make_user()
    token = log_in(browser).json()["access_token"]
    assert change(browser, Authorization=f"Bearer {token}").status_code == 200


def test_a_header_wins_over_cookies(browser: TestClient, csrf: str) -> None:
    is_problem(browser.get(f"{API}/me", headers={"Authorization": "Bearer x"}), 401)
    assert csrf

"""Who gets in, and from where."""

import subprocess
import sys
import time

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from starlette.websockets import WebSocketDisconnect

from app.components.frontend import access
from tests.dashboard.support import use_settings

OWN = {"Origin": "http://testserver"}


def test_during_development_it_is_open(client: TestClient) -> None:
    response = client.get("/dashboard/")
    assert response.status_code == 200
    assert "flutter_bootstrap.js" in response.text


def test_the_page_may_load_nothing_from_elsewhere(client: TestClient) -> None:
    response = client.get("/dashboard/", headers=OWN)
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "access-control-allow-origin" not in response.headers
    assert "flet.noCdn=true" in response.text


@pytest.mark.parametrize("path", ["openapi.json", "docs/oauth2-redirect", "redoc", "docs"])
def test_flet_shows_no_api_documentation(client: TestClient, path: str) -> None:
    text = client.get(f"/dashboard/{path}").text.lower()
    assert "swagger" not in text
    assert "redoc" not in text
    assert '"openapi"' not in text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_there_is_nothing_to_write_to(client: TestClient, method: str) -> None:
    assert client.request(method, "/dashboard/upload").status_code == 405


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://testserver.evil", "", "http://[", "http://]"]
)
def test_pages_of_others_cannot_connect(client: TestClient, origin: str) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/dashboard/ws", headers={"Origin": origin}),
    ):
        pass


def test_the_own_page_can_connect(client: TestClient) -> None:
    with client.websocket_connect("/dashboard/ws", headers=OWN):
        pass


def test_behind_a_proxy_the_public_name_is_allowed(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_settings(monkeypatch, ALLOWED_HOSTS=["app.example.com"])
    origin = {"Origin": "https://app.example.com"}
    with client.websocket_connect("/dashboard/ws", headers=origin):
        pass


def test_in_production_strangers_are_asked_for_the_token(client: TestClient, closed: str) -> None:
    response = client.get("/dashboard/")
    assert response.status_code == 401
    assert "<form" in response.text
    assert "flutter" not in response.text
    assert client.get("/dashboard/main.dart.js").status_code == 401
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/dashboard/ws", headers=OWN),
    ):
        pass


def test_the_token_opens_it(client: TestClient, closed: str) -> None:
    response = client.post(
        "/dashboard/login", data={"token": closed}, headers=OWN, follow_redirects=False
    )
    assert response.status_code == 303
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert closed not in cookie
    assert "flutter_bootstrap.js" in client.get("/dashboard/").text
    with client.websocket_connect("/dashboard/ws", headers=OWN):
        pass
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert client.get("/dashboard/logout", headers=elsewhere).status_code == 403
    assert client.get("/dashboard/").status_code == 200
    client.get("/dashboard/logout")
    assert client.get("/dashboard/").status_code == 401


def test_a_wrong_token_does_not(
    client: TestClient, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.components.frontend.gate.REFUSED_SECONDS", 0)
    response = client.post("/dashboard/login", data={"token": "wrong"}, headers=OWN)
    assert response.status_code == 401
    assert "not the token" in response.text
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("origin", ["http://evil.example", "http://[", "http://[::1"])
def test_forms_of_others_cannot_log_in(client: TestClient, closed: str, origin: str) -> None:
    headers = {"Origin": origin}
    response = client.post("/dashboard/login", data={"token": closed}, headers=headers)
    assert response.status_code == 403


def test_a_long_login_is_refused(client: TestClient, closed: str) -> None:
    response = client.post("/dashboard/login", data={"token": "x" * 10_000}, headers=OWN)
    assert response.status_code == 413


def test_production_without_a_token_is_closed_to_everybody(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_settings(monkeypatch, APP_ENV="production", DASHBOARD_TOKEN=None)
    response = client.get("/dashboard/")
    assert response.status_code == 401
    assert "DASHBOARD_TOKEN" in response.text
    client.cookies.set(access.COOKIE, access.make_cookie())
    assert client.get("/dashboard/").status_code == 401


@pytest.mark.usefixtures("closed")
def test_cookies_expire_and_cannot_be_made_up() -> None:
    cookie = access.make_cookie()
    assert access.is_valid_cookie(cookie)
    later = time.time() + access.COOKIE_SECONDS + 1
    assert not access.is_valid_cookie(cookie, now=later)
    _, _, signature = cookie.partition(".")
    for made_up in ("", ".", "1", f"9999999999.{signature}", f"x.{signature}", "9999999999."):
        assert not access.is_valid_cookie(made_up)


def test_an_open_dashboard_closes_when_its_viewer_may_not_look_any_more(
    client: TestClient, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.components.frontend.gate.ADMIT_SECONDS", 0.01)
    client.cookies.set(access.COOKIE, access.make_cookie())
    with client.websocket_connect("/dashboard/ws", headers=OWN) as websocket:
        use_settings(monkeypatch, APP_ENV="production", DASHBOARD_TOKEN=SecretStr("another" * 3))
        with pytest.raises(WebSocketDisconnect):
            websocket.receive_bytes()


def test_flet_is_not_loaded_before_somebody_looks() -> None:
    code = (
        "import sys; from fastapi import FastAPI;"
        "from app.components.frontend import mount_dashboard; mount_dashboard(FastAPI());"
        "assert not any(name.split('.')[0].startswith('flet') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)

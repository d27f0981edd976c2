"""Every route does what its declaration says: this walks all of them, yours as well."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from app.components.backend.api.auth.users import router as administration
from app.components.backend.api.identity import SAFE_METHODS
from app.services.auth import second_factor
from tests.auth.support import API, Headers, as_user, log_in
from tests.fixtures.auth import MakeUser

FOR_EVERYBODY = {
    "GET /health",
    "GET /health/live",
    "GET /health/ready",
    f"POST {API}/forgot-password",
    f"POST {API}/login",
    f"POST {API}/login/code",
    f"POST {API}/logout",
    f"POST {API}/refresh",
    f"POST {API}/register",
    f"POST {API}/reset-password",
    f"POST {API}/token",
    f"POST {API}/verify-email",
    # slot: everybody
    # Your routes that strangers may use
}
FOR_OPERATORS = {
    "GET /health/detailed",
    "POST /api/load-test",
    "GET /api/load-test/{test_id}",
    # slot: operators
    # Your routes with `require_operator`
}
FOR_SETTING_UP = {
    f"GET {API}/second-factor",
    f"POST {API}/second-factor",
    f"POST {API}/second-factor/confirm",
    f"POST {API}/second-factor/disable",
    f"POST {API}/second-factor/recovery-codes",
    f"POST {API}/logout-everywhere",
    # Your routes with `ConfirmedUser`
}
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Route:
    """A route as the documentation has it."""

    method: str
    path: str
    is_protected: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def url(self) -> str:
        parts = self.path.split("/")
        return "/".join(UNKNOWN_ID if part.startswith("{") else part for part in parts)


def routes(app: FastAPI) -> Iterator[Route]:
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            yield Route(method.upper(), path, bool(operation.get("security")))


def test_a_route_is_protected_or_meant_for_everybody(app: FastAPI) -> None:
    """A route of yours that fails here takes `CurrentUser`, or goes into one of the lists above."""
    open_routes = {route.name for route in routes(app) if not route.is_protected}
    assert open_routes <= FOR_EVERYBODY | FOR_OPERATORS


def test_strangers_get_an_answer_only_where_it_is_meant(app: FastAPI, client: TestClient) -> None:
    asked = 0
    for route in routes(app):
        if route.is_protected:
            response = client.request(route.method, route.url, json={})
            assert response.status_code == 401, route.name
            assert response.headers["WWW-Authenticate"].startswith("Bearer"), route.name
            asked += 1
    assert asked >= 15


def test_administration_is_for_administrators(
    app: FastAPI, client: TestClient, make_user: MakeUser
) -> None:
    make_user()
    headers = as_user(client)
    own = [route for route in administration.routes if isinstance(route, APIRoute)]
    names = {f"{method} {route.path}" for route in own for method in route.methods or ()}
    asked = 0
    for route in routes(app):
        if route.name in names:
            response = client.request(route.method, route.url, headers=headers, json={})
            assert response.status_code == 403, route.name
            asked += 1
    assert asked == len(names) >= 10


def test_a_cookie_alone_changes_nothing(
    app: FastAPI, browser: TestClient, make_user: MakeUser
) -> None:
    """What a browser sends by itself is not enough: another site could make it do so."""
    make_user(role="admin")
    assert log_in(browser, use_cookies=True).status_code == 200
    asked = 0
    for route in routes(app):
        if route.is_protected and route.method not in SAFE_METHODS:
            response = browser.request(route.method, route.url, json={})
            assert response.status_code == 403, route.name
            assert "X-CSRF-Token" in response.json()["detail"], route.name
            asked += 1
    assert asked >= 10


def test_without_the_second_factor_that_it_takes_a_role_opens_nothing(
    app: FastAPI, client: TestClient, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = {"AUTH_SECOND_FACTOR_REQUIRED_ROLES": ["admin"]}
    required = second_factor.settings.model_copy(update=changed)
    monkeypatch.setattr(second_factor, "settings", required)
    make_user(role="admin")
    headers = as_user(client)
    for route in routes(app):
        if route.is_protected and route.name not in FOR_SETTING_UP:
            response = client.request(route.method, route.url, headers=headers, json={})
            assert response.status_code == 403, route.name
            assert response.json()["type"] == "urn:problem:second-factor-missing", route.name


@pytest.mark.parametrize("role", [None, "user", "admin"])
def test_no_route_fails(
    app: FastAPI, client: TestClient, make_user: MakeUser, role: str | None
) -> None:
    """Whatever is asked for, with whatever role: an answer, or a problem; never a failure."""
    make_user()
    make_user("admin@example.com", role="admin")
    headers: Headers = {}
    for route in routes(app):
        if role is not None:
            # Some routes end the session.
            from app.services.auth import throttle

            throttle.limiter.cache_clear()
            headers = as_user(client, "admin@example.com" if role == "admin" else "ada@example.com")
        for body in ({}, {"token": "x"}, [], "text"):
            response = client.request(route.method, route.url, headers=headers, json=body)
            assert response.status_code < 500 or route.path == "/health/ready", route.name

"""Middleware."""

from collections.abc import Callable

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse
from fastapi.testclient import TestClient

from app.components.backend.main import create_app
from app.core.config import Settings
from app.services.activity import activity
from app.services.metrics import metrics

MakeSettings = Callable[..., Settings]


def test_a_request_gets_an_id_of_its_own(client: TestClient) -> None:
    first, second = [client.get("/health").headers["X-Request-ID"] for _ in range(2)]
    assert first != second


def test_the_id_of_a_proxy_is_kept(client: TestClient) -> None:
    response = client.get("/health", headers={"X-Request-ID": "abc-1.2_3"})
    assert response.headers["X-Request-ID"] == "abc-1.2_3"


@pytest.mark.parametrize("given", ["a b", "x" * 65, "a\tb", "é".encode(), ""])
def test_an_id_that_could_spoil_the_logs_is_replaced(
    client: TestClient, given: str | bytes
) -> None:
    sent = given if isinstance(given, bytes) else given.encode()
    response = client.get("/health", headers=[(b"X-Request-ID", sent)])
    assert response.headers["X-Request-ID"].isalnum()
    assert response.headers["X-Request-ID"].encode() != sent


def test_answers_say_how_long_they_took(client: TestClient) -> None:
    assert client.get("/nowhere").headers["Server-Timing"].startswith("app;dur=")
    # Nobody looks at these, and they are asked for all the time.
    assert "Server-Timing" not in client.get("/health").headers


def test_requests_are_remembered_without_their_query(client: TestClient) -> None:
    response = client.get("/nowhere?token=hunter2")
    [record] = [r for r in activity.requests() if r.request_id == response.headers["X-Request-ID"]]
    assert (record.method, record.path, record.status) == ("GET", "/nowhere", 404)


def test_figures_and_memory_are_of_the_same_requests(client: TestClient) -> None:
    before = metrics.requests_total
    for path in ("/health", "/health/live", "/dashboard/", "/dashboard/favicon.png", "/nowhere"):
        client.get(path)
    assert metrics.requests_total - before == 1
    assert activity.requests()[0].path == "/nowhere"


def test_requests_are_remembered_by_their_route(app: FastAPI) -> None:
    router = APIRouter(prefix="/tests")

    @router.get("/reset/{token}")
    async def reset(token: str) -> str:
        return token

    app.include_router(router)
    response = TestClient(app).get("/tests/reset/hunter2")
    assert response.json() == "hunter2"
    [record] = [r for r in activity.requests() if r.request_id == response.headers["X-Request-ID"]]
    assert record.path == "/tests/reset/{token}"


def test_browsers_are_told_to_be_careful(client: TestClient) -> None:
    headers = client.get("/health").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize("path", ["/docs", "/dashboard/"])
def test_pages_keep_addresses_and_sensors_to_themselves(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "camera=()" in headers["Permissions-Policy"]


def test_a_page_brings_a_policy_of_its_own(app: FastAPI) -> None:
    @app.get("/tests/page")
    async def page() -> HTMLResponse:
        return HTMLResponse("", headers={"Content-Security-Policy": "default-src 'self'"})

    headers = TestClient(app).get("/tests/page").headers
    assert headers.get_list("Content-Security-Policy") == ["default-src 'self'"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"


def test_https_is_demanded_in_production_only(settings: MakeSettings) -> None:
    client = TestClient(create_app(settings(APP_ENV="production", LOG_FORMAT="console")))
    assert "max-age" in client.get("/health").headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("app.example.com", 200),
        ("APP.example.com:8000", 200),
        ("one.example.org", 200),
        ("localhost:8000", 200),
        ("[::1]:8000", 200),
        ("example.org", 400),
        ("evil.com", 400),
        ("app.example.com.evil.com", 400),
        ("", 400),
    ],
)
def test_only_our_hosts_are_served(settings: MakeSettings, host: str, status: int) -> None:
    config = settings(ALLOWED_HOSTS="app.example.com,*.example.org")
    client = TestClient(create_app(config))
    assert client.get("/health", headers={"Host": host}).status_code == status


def test_a_site_that_is_named_may_call(settings: MakeSettings) -> None:
    client = TestClient(create_app(settings(CORS_ORIGINS="https://app.example.com")))
    preflight = {"Access-Control-Request-Method": "GET"}
    allowed = client.options("/health", headers={"Origin": "https://app.example.com", **preflight})
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    refused = client.options("/health", headers={"Origin": "https://evil.com", **preflight})
    assert "Access-Control-Allow-Origin" not in refused.headers

"""The health routes."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from app.core import operators
from app.core.config import settings
from app.services.system import CheckResult, HealthRegistry
from app.services.system import status as status_module
from app.services.system.status import StatusService


@pytest.mark.parametrize("path", ["/health", "/health/live"])
def test_it_is_alive(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.json() == {"healthy": True}


def test_it_is_ready(client: TestClient) -> None:
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert response.json()["components"]["backend"] == "healthy"


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
def test_whoever_watches_may_ask_with_head(client: TestClient, path: str) -> None:
    response = client.head(path)
    assert (response.status_code, response.content) == (200, b"")


def test_it_is_not_ready_while_something_required_is_unhealthy(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> CheckResult:
        raise ConnectionError("refused")

    registry = HealthRegistry()
    registry.register("thing", broken)
    monkeypatch.setattr(status_module, "status_service", lambda: StatusService(registry))
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json() == {"ready": False, "components": {"thing": "unhealthy"}}


def test_details_tell_everything(client: TestClient) -> None:
    tree = client.get("/health/detailed").json()
    assert tree["overall_healthy"] is True
    assert tree["components"]["backend"]["state"] == "healthy"
    assert tree["resources"]["memory_total_bytes"] > 0


def test_details_take_the_token_in_production(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "a-token-of-some-length"
    changed = {"APP_ENV": "production", "DASHBOARD_TOKEN": SecretStr(token)}
    monkeypatch.setattr(operators, "settings", settings.model_copy(update=changed))
    client = TestClient(app)
    assert client.get("/health/detailed").status_code == 401
    for given in (f"Bearer {token}x", "Bearer", f"Basic {token}"):
        refused = client.get("/health/detailed", headers={"Authorization": given})
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"] == "Bearer"
    accepted = client.get("/health/detailed", headers={"Authorization": f"Bearer {token}"})
    assert accepted.status_code == 200
    assert token not in accepted.text

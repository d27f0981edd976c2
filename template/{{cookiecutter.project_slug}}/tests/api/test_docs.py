"""The pages that document the API."""

import re
from collections.abc import Callable

from fastapi.testclient import TestClient

from app.components.backend.main import create_app
from app.core.config import Settings


def test_it_works_offline(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert "http" not in page.headers["Content-Security-Policy"]
    wanted = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(wanted) == 3
    for address in wanted:
        assert client.get(f"/{address}").status_code == 200


def test_it_describes_this_api(client: TestClient) -> None:
    assert "openapi.json" in client.get("/docs").text
    assert "/health" in client.get("/openapi.json").json()["paths"]


def test_it_can_be_switched_off(settings: Callable[..., Settings]) -> None:
    client = TestClient(create_app(settings(DOCS_ENABLED="false")))
    for path in ("/docs", "/docs/assets/swagger-ui.css", "/openapi.json"):
        assert client.get(path).status_code == 404

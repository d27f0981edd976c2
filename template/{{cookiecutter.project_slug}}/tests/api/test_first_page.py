"""Whoever comes without a path finds something."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.components.backend import main
from app.core.config import Settings

MakeSettings = Callable[..., Settings]


def test_it_is_the_dashboard(settings: MakeSettings) -> None:
    client = TestClient(main.create_app(settings()), follow_redirects=False)
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (307, "/dashboard")


def test_a_route_of_yours_comes_first(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def include_routers(app: FastAPI) -> None:
        @app.get("/")
        async def mine() -> str:
            return "mine"

    monkeypatch.setattr(main, "include_routers", include_routers)
    assert TestClient(main.create_app(settings())).get("/").json() == "mine"


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"FIRST_PAGE": "docs"}, "/docs"),
        ({"FIRST_PAGE": "docs", "DOCS_ENABLED": "false"}, None),
        ({"FIRST_PAGE": "none"}, None),
        ({"DASHBOARD_ENABLED": "false"}, None),
    ],
)
def test_it_is_what_the_setting_says_if_that_is_there(
    settings: MakeSettings, values: dict[str, str], place: str | None
) -> None:
    client = TestClient(main.create_app(settings(**values)), follow_redirects=False)
    answer = client.get("/")
    assert answer.headers.get("Location") == place
    assert answer.status_code == (307 if place else 404)


def test_a_first_page_that_is_closed_is_told(settings: MakeSettings) -> None:
    closed = settings(FIRST_PAGE="docs", DOCS_ENABLED="false")
    assert any("FIRST_PAGE" in warning for warning in closed.warnings())
    for fine in (settings(FIRST_PAGE="docs"), settings(DASHBOARD_ENABLED="false")):
        assert not any("FIRST_PAGE" in warning for warning in fine.warnings())

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


def test_without_the_dashboard_there_is_nothing(settings: MakeSettings) -> None:
    client = TestClient(main.create_app(settings(DASHBOARD_ENABLED="false")))
    assert client.get("/").status_code == 404

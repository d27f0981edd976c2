"""How a request finds its route."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.routing import Match
from starlette.types import Scope

from app.components.backend.api.router import ComponentRouter
from app.components.backend.main import create_app
from app.core.config import Settings
from app.core.constants import API_PREFIX

MakeSettings = Callable[..., Settings]


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The routes that a request was compared with."""
    found: list[str] = []
    matches = APIRoute.matches

    def watched(self: APIRoute, scope: Scope) -> tuple[Match, Scope]:
        found.append(self.path)
        return matches(self, scope)

    monkeypatch.setattr(APIRoute, "matches", watched)
    return found


def add_component(app: FastAPI) -> None:
    """A component with routes."""
    router = ComponentRouter(prefix=f"{API_PREFIX}/tests")

    @router.get("")
    @router.get("/{name}")
    async def show(name: str = "all") -> str:
        return name

    app.include_router(router)


def test_a_components_routes_are_not_compared_with_other_paths(
    app: FastAPI, tried: list[str]
) -> None:
    add_component(app)
    assert TestClient(app).get("/nowhere").status_code == 404
    assert [path for path in tried if path.startswith(f"{API_PREFIX}/tests")] == []


@pytest.mark.parametrize(("path", "answer"), [("/tests", "all"), ("/tests/one", "one")])
@pytest.mark.parametrize("root", ["", "/tool"])
def test_routes_of_components_are_found_below_a_proxys_path_too(
    settings: MakeSettings, root: str, path: str, answer: str
) -> None:
    app = create_app(settings(ROOT_PATH=root))
    add_component(app)
    assert TestClient(app).get(API_PREFIX + path).json() == answer

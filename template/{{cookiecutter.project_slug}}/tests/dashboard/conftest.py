"""Fixtures of the dashboard's tests."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from app.components.frontend import dashboard_lifespan, mount_dashboard
from app.components.frontend.door import TokenDoor
from tests.dashboard.support import Screen, make_screen, use_settings

TOKEN = "a-token-for-the-tests"


@pytest.fixture
async def show() -> AsyncIterator[Callable[..., Awaitable[Screen]]]:
    """Opens dashboards: `screen = await show(make_frame())`."""
    opened: list[Screen] = []

    async def open_one(*args: object, start: bool = True, **options: object) -> Screen:
        screen = make_screen(*args, **options)  # ty: ignore[invalid-argument-type]
        opened.append(screen)
        if start:
            await screen.dashboard.start()
        return screen

    yield open_one
    for screen in opened:
        screen.refresh_loop.leave(screen.dashboard)
        screen.browser.executor.shutdown()


@pytest.fixture
def client() -> Iterator[TestClient]:
    """An application with nothing but the dashboard."""
    app = FastAPI(lifespan=lambda _app: dashboard_lifespan())
    mount_dashboard(app, TokenDoor())
    with TestClient(app, base_url="http://testserver") as client:
        yield client


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> str:
    """Close the dashboard as in production; the token that opens it."""
    use_settings(monkeypatch, APP_ENV="production", DASHBOARD_TOKEN=SecretStr(TOKEN))
    return TOKEN

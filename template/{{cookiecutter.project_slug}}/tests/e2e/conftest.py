"""A real server and a real browser. Skipped where there is none."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.proxy import stripping_proxy
from tests.e2e.server import Server

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture
def server() -> Iterator[Server]:
    """The application, as in development."""
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def several() -> Iterator[Server]:
    """Several web processes that share a port."""
    server = Server(WEB_WORKERS="3")
    server.command = [sys.executable, "-m", "app.entrypoints", "web"]
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server_below_a_path() -> Iterator[Server]:
    """The application as a proxy serves it, at /tool of another address."""
    server = Server(ROOT_PATH="/tool")
    server.start()
    with stripping_proxy("/tool", server.port) as server.url:
        yield server
    server.stop()


@pytest.fixture
def production(request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings that production cannot do without."""
    environment = {"APP_ENV": "production", "DASHBOARD_TOKEN": "a-token-for-the-tests"}
    # Your settings
    return environment


@pytest.fixture
def closed_server(production: dict[str, str]) -> Iterator[Server]:
    """The application, as in production."""
    server = Server(**production)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium: `BROWSER_PATH`, or the first that is installed."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs the group e2e")
    path = os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("needs Chromium: install it, or say where it is with BROWSER_PATH")
    with sync_api.sync_playwright() as playwright:
        # Containers seldom let Chromium build its sandbox; the only page that it opens is ours.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_tab(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens tabs: `tab = open_tab(width=390, scheme="dark")`."""
    contexts = []

    def open_one(width: int = 1440, height: int = 900, scheme: str = "light") -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()

"""A real server and a real browser. Skipped where there is none."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS = 30


class Server:
    """The web process of this project, on a port of its own."""

    def __init__(self, **environment: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        # Faster samples than usual, so that the charts are soon full.
        self.environment = {"APP_ENV": "test", "METRICS_INTERVAL_SECONDS": "0.1"} | environment
        self.command = [sys.executable, "-m", "app.entrypoints.webserver"]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        environment = os.environ | self.environment | {"PORT": str(self.port), "HOST": "127.0.0.1"}
        self.process = subprocess.Popen(self.command, env=environment)
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("The server did not start.")
            time.sleep(0.1)

    def answers(self) -> bool:
        """Whether it is up."""
        try:
            return self.get("/health") == 200
        except OSError:
            return False

    def get(self, path: str) -> int:
        """Ask for a path; the status of the answer."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as response:  # noqa: S310
                return response.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def stop(self, how: signal.Signals = signal.SIGINT) -> float:
        """Stop as Ctrl-C does; how many seconds it took."""
        if self.process is None:
            return 0.0
        started = time.monotonic()
        self.process.send_signal(how)
        try:
            self.process.wait(15)
        finally:
            self.process.kill()
            self.process.wait()
            self.process = None
        return time.monotonic() - started


@pytest.fixture
def server() -> Iterator[Server]:
    """The application, as in development."""
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def closed_server() -> Iterator[Server]:
    """The application, as in production."""
    server = Server(APP_ENV="production", DASHBOARD_TOKEN="a-token-for-the-tests")
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

"""The dashboard as people see it."""

import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.components.frontend.door import TokenDoor, door
from app.components.frontend.opening import HEAD
from tests.e2e.server import Server

pytestmark = pytest.mark.e2e

SCREENSHOT = Path(__file__).parents[2] / "docs" / "images" / "dashboard.png"
PATIENCE_MS = 90_000

ON_A_QUIET_MACHINE = """
import itertools, math
import psutil
from app.entrypoints.webserver import main

samples = itertools.count()

def cpu_percent(interval=None):
    at = next(samples) / 4
    return round(24 + 9 * math.sin(at / 4) + 5 * math.sin(at * 2.1) + 3 * math.sin(at * 5.3), 1)

psutil.cpu_percent = cpu_percent
main()
"""
"""The picture should not show what else the machine had to do."""

OpenTab = Callable[..., Any]


def open_dashboard(tab: Any, server: Server, path: str = "/") -> None:
    """Open it, and wait until it shows something."""
    tab.goto(f"{server.url}/dashboard{path}")
    if server.enter(tab):
        tab.goto(f"{server.url}/dashboard{path}")
    make_readable(tab)


def make_readable(tab: Any) -> None:
    """Ask Flutter for the tree that screen readers read: otherwise a page is one picture."""
    placeholder = tab.wait_for_selector(
        "flt-semantics-placeholder", state="attached", timeout=PATIENCE_MS
    )
    placeholder.evaluate("element => element.click()")
    tab.wait_for_selector("flt-semantics", state="attached", timeout=PATIENCE_MS)


def wait_for(tab: Any, text: str) -> None:
    """Wait until a text is shown."""
    tab.wait_for_selector(f"text={text}", state="attached", timeout=PATIENCE_MS)


def brightness(tab: Any) -> float:
    """How bright the page is, from 0 to 1, by a pixel of its background."""
    pixel = {"x": 300, "y": 4, "width": 1, "height": 1}
    url = "data:image/png;base64," + _base64(tab.screenshot(clip=pixel))
    red, green, blue = tab.evaluate(
        """async url => {
            const picture = new Image(); picture.src = url; await picture.decode();
            const canvas = document.createElement("canvas").getContext("2d");
            canvas.drawImage(picture, 0, 0);
            return Array.from(canvas.getImageData(0, 0, 1, 1).data.slice(0, 3));
        }""",
        url,
    )
    return (red + green + blue) / 3 / 255


def _base64(data: bytes) -> str:
    from base64 import b64encode

    return b64encode(data).decode()


def test_overview_component_page_and_back(server: Server, open_tab: OpenTab) -> None:
    tab = open_tab()
    elsewhere: list[str] = []
    tab.on("request", lambda r: elsewhere.append(r.url) if server.url not in r.url else 0)
    open_dashboard(tab, server)
    wait_for(tab, "Recent requests")
    tab.click("text=Backend", timeout=PATIENCE_MS)
    wait_for(tab, "Health check")
    assert tab.url == f"{server.url}/dashboard/components/backend"
    tab.go_back()
    wait_for(tab, "Recent requests")
    # It works without internet.
    assert [url for url in elsewhere if url.startswith("http")] == []


def test_what_a_page_says_can_be_copied(server: Server, open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_dashboard(tab, server, "/activity")
    wait_for(tab, "Times are UTC")
    tab.evaluate("fetch('/nowhere', { headers: { 'X-Request-ID': 'copy-me' } })")
    wait_for(tab, "copy-me")

    def copied() -> str:
        # A page that is redrawn in between lets go of what was selected.
        tab.mouse.click(400, 90)
        tab.keyboard.press("Control+a")
        tab.keyboard.press("Control+c")
        return tab.evaluate("navigator.clipboard.readText()")

    eventually(lambda: "copy-me" in copied())


def test_no_frame_of_a_dark_page_is_bright(server: Server, open_tab: OpenTab) -> None:
    tab = open_tab(scheme="light")
    open_dashboard(tab, server)
    wait_for(tab, "Recent requests")
    tab.click('[aria-label="Switch theme"] [flt-tappable]', timeout=PATIENCE_MS)
    eventually(lambda: brightness(tab) < 0.3)
    tab.reload(wait_until="commit")
    while not tab.evaluate("!!document.querySelector('flt-semantics-placeholder')"):
        assert brightness(tab) < 0.3
    eventually(lambda: tab.evaluate("!document.documentElement.className.includes('opening')"))
    assert brightness(tab) < 0.3


def test_a_browser_that_cannot_look_is_not_kept_waiting_for_ever(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.add_init_script("delete window.OffscreenCanvas; performance.now = () => 30001")
    page = f"<html><head>{HEAD.decode()}</html>"
    tab.route("**/*", lambda route: route.fulfill(body=page, content_type="text/html"))
    tab.goto("http://127.0.0.1/")
    eventually(lambda: tab.evaluate("!document.documentElement.className.includes('opening')"))


def test_below_a_path_of_a_proxy_it_is_the_same(
    server_below_a_path: Server, open_tab: OpenTab
) -> None:
    server = server_below_a_path
    tab = open_tab()
    failed: list[str] = []
    tab.on("response", lambda r: failed.append(r.url) if r.status >= 404 else None)
    open_dashboard(tab, server)
    wait_for(tab, "Recent requests")
    tab.click("text=Backend", timeout=PATIENCE_MS)
    wait_for(tab, "Health check")
    assert tab.url == f"{server.url}/dashboard/components/backend"
    tab.reload()
    make_readable(tab)
    wait_for(tab, "Health check")
    tab.goto(f"{server.url}/docs")
    tab.wait_for_selector('[data-path="/health/live"]', timeout=PATIENCE_MS)
    assert failed == []


def test_the_theme_is_switched_and_remembered(server: Server, open_tab: OpenTab) -> None:
    tab = open_tab(scheme="light")
    open_dashboard(tab, server)
    wait_for(tab, "Recent requests")
    eventually(lambda: brightness(tab) > 0.8)
    tab.click('[aria-label="Switch theme"] [flt-tappable]', timeout=PATIENCE_MS)
    eventually(lambda: brightness(tab) < 0.3)
    tab.reload()
    make_readable(tab)
    wait_for(tab, "Recent requests")
    eventually(lambda: brightness(tab) < 0.3)


def test_it_works_with_the_keyboard_alone(server: Server, open_tab: OpenTab) -> None:
    tab = open_tab()
    open_dashboard(tab, server)
    wait_for(tab, "Recent requests")
    visited: list[str] = []
    tab.on("framenavigated", lambda frame: visited.append(frame.url))
    for _ in range(20):
        tab.keyboard.press("Tab")
        tab.keyboard.press("Enter")
        tab.wait_for_timeout(300)
    eventually(lambda: any(url.endswith("/dashboard/activity") for url in visited))


def test_it_survives_a_restart_of_the_server(server: Server, open_tab: OpenTab) -> None:
    tab = open_tab()
    open_dashboard(tab, server, "/components/backend")
    wait_for(tab, "Health check")
    server.stop()
    server.start()
    tab.click("text=Activity", timeout=PATIENCE_MS)
    wait_for(tab, "Times are UTC")


def test_several_processes_serve_it_as_one(several: Server, open_tab: OpenTab) -> None:
    tab = open_tab()
    open_dashboard(tab, several, "/components/backend")
    wait_for(tab, "Health check")
    # They have heard of each other.
    wait_for(tab, "Processes")
    for number in range(12):
        several.get(f"/nowhere/at-{number}-all")
    tab.click("text=Activity", timeout=PATIENCE_MS)
    for number in range(12):
        wait_for(tab, f"at-{number}-all")
    # Whichever it has been, another one goes on.
    assert several.process is not None
    for process in psutil.Process(several.process.pid).children():
        process.kill()
    tab.click("text=Overview", timeout=PATIENCE_MS)
    wait_for(tab, "Recent requests")
    tab.reload()
    make_readable(tab)
    wait_for(tab, "at-11-all")


def test_it_can_be_read_on_a_phone(server: Server, open_tab: OpenTab) -> None:
    tab = open_tab(width=390, height=844)
    open_dashboard(tab, server)
    wait_for(tab, "Recent requests")
    tab.click('[role="tab"][aria-label="Activity"]', timeout=PATIENCE_MS)
    wait_for(tab, "Times are UTC")
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.skipif(not isinstance(door(), TokenDoor), reason="has another door")
def test_in_production_it_asks_for_the_token(closed_server: Server, open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.goto(f"{closed_server.url}/dashboard")
    tab.fill("input[name=token]", "not the right one")
    tab.click("button")
    assert "not the token" in tab.inner_text("main")
    tab.fill("input[name=token]", closed_server.environment["DASHBOARD_TOKEN"])
    tab.click("button")
    make_readable(tab)
    wait_for(tab, "Recent requests")


@pytest.mark.skipif("SCREENSHOT" not in os.environ, reason="makes a picture when SCREENSHOT is set")
def test_screenshot(open_tab: OpenTab) -> None:
    """`SCREENSHOT=1 make e2e` makes the picture of the README anew."""
    server = Server(
        APP_ENV="development",
        LOG_LEVEL="WARNING",
        METRICS_INTERVAL_SECONDS="0.1",
    )
    server.command = [sys.executable, "-c", ON_A_QUIET_MACHINE]
    server.start()
    try:
        tab = open_tab(width=1280, height=900, scheme="dark")
        open_dashboard(tab, server)
        # As many samples as a chart has, with visitors that come and go.
        for wave in range(140):
            for visitor in range(round(3 + 2 * math.sin(wave / 9) + wave % 3)):
                server.get(("/docs", "/openapi.json")[visitor % 2])
            if wave % 9 == 0:
                server.get("/api/nowhere")
            time.sleep(0.1)
        SCREENSHOT.parent.mkdir(parents=True, exist_ok=True)
        tab.screenshot(path=SCREENSHOT)
    finally:
        server.stop()
    assert SCREENSHOT.read_bytes().startswith(b"\x89PNG")


def eventually(condition: Callable[[], bool], seconds: float = 90) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.2)

"""Accounts as people meet them in a browser."""

import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from pyotp import TOTP, parse_uri

from tests.e2e.server import Server
from tests.e2e.test_dashboard import eventually, open_dashboard, wait_for

pytestmark = pytest.mark.e2e

OpenTab = Callable[..., Any]
PASSWORD = "correct horse battery"
NEW_PASSWORD = "quite another sentence"


class TalkingServer(Server):
    """A server whose mails can be read: it prints them."""

    def __init__(self, output: IO[str]) -> None:
        super().__init__()
        self.output = output
        self.environment["PUBLIC_URL"] = self.url
        # The shell is replaced by the server, so signals reach it.
        self.command = ["sh", "-c", f'exec "$0" "$@" 2> {output.name}', *self.command]

    def link(self) -> str:
        """The link in the latest mail."""
        found: list[str] = []

        def look() -> bool:
            found[:] = re.findall(r"http\S+/account/\S+#\S+", Path(self.output.name).read_text())
            return bool(found)

        eventually(look)
        return found[-1]


@pytest.fixture
def talking(server: Server, tmp_path: Path) -> Iterator[TalkingServer]:
    """Beside `server`, for the settings that come with its name."""
    server.stop()
    with tempfile.NamedTemporaryFile("w", dir=tmp_path) as output:
        talking = TalkingServer(output)
        talking.start()
        yield talking
        talking.stop()


def post(server: Server, path: str, **body: str) -> int:
    """Send JSON; the status."""
    data = json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = Request(f"{server.url}/api/auth/{path}", data, headers)  # noqa: S310
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code


def test_links_in_mails_open_pages_that_work(talking: TalkingServer, open_tab: OpenTab) -> None:
    ada = {"email": "ada@example.com"}
    assert post(talking, "register", **ada, password=PASSWORD) == 202
    tab = open_tab()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(talking.link())
    assert post(talking, "login", **ada, password=PASSWORD) == 401
    tab.click("button")
    eventually(lambda: "confirmed" in tab.inner_text("main"))
    assert "#" not in tab.url
    assert post(talking, "login", **ada, password=PASSWORD) == 200

    assert post(talking, "forgot-password", **ada) == 202
    eventually(lambda: "/account/reset#" in talking.link())
    tab.goto(talking.link())
    tab.fill("input[name=password]", "1234567890")
    tab.click("button")
    eventually(lambda: "most common" in tab.inner_text("main"))
    tab.fill("input[name=password]", NEW_PASSWORD)
    tab.click("button")
    eventually(lambda: "is set" in tab.inner_text("main"))
    assert post(talking, "login", **ada, password=NEW_PASSWORD) == 200
    assert [text for text in said if "Content Security Policy" in text] == []


def test_a_second_factor_is_set_up_and_opens_the_dashboard(
    server: Server, open_tab: OpenTab
) -> None:
    tab = open_tab()
    open_dashboard(tab, server, "/accounts")
    tab.goto(f"{server.url}/dashboard/logout")

    def sign_in(path: str) -> None:
        tab.goto(f"{server.url}{path}")
        tab.fill("input[name=email]", "admin@example.com")
        tab.fill("input[name=password]", "admin123")
        tab.click("button:visible")

    refused: list[str] = []

    def listen(message: Any) -> None:
        # The dashboard's own library asks for more than it gets.
        if "/account/" in tab.url and "Content Security Policy" in message.text:
            refused.append(message.text)

    tab.on("console", listen)
    sign_in("/account/second-factor")
    tab.wait_for_selector("#confirm", state="visible", timeout=90_000)
    app = parse_uri(tab.get_attribute("#app", "href"))
    assert isinstance(app, TOTP)
    assert tab.inner_text("#secret").replace(" ", "") == app.secret
    tab.fill("input[name=code]", "000000x")
    tab.click("button:visible")
    eventually(lambda: "code is wrong" in tab.inner_text("[role=status]"))
    first = int(time.time())
    tab.fill("input[name=code]", app.at(first))
    tab.click("button:visible")
    tab.wait_for_selector("#result", state="visible", timeout=90_000)
    codes = tab.inner_text("#codes").split()
    assert len(codes) == 10

    sign_in("/account/second-factor")
    eventually(lambda: "already" in tab.inner_text("[role=status]"))
    for code in (app.at(first + 30), codes[0]):
        sign_in("/dashboard/")
        tab.fill("input[name=code]", code)
        tab.click("button")
        tab.wait_for_selector("flt-semantics-placeholder", state="attached", timeout=90_000)
        tab.goto(f"{server.url}/dashboard/logout")
    assert refused == []


def test_administrators_log_in_to_the_dashboard(server: Server, open_tab: OpenTab) -> None:
    tab = open_tab()
    open_dashboard(tab, server, "/accounts")
    wait_for(tab, "admin@example.com")
    tab.goto(f"{server.url}/dashboard/logout")
    tab.goto(f"{server.url}/dashboard/")
    assert tab.locator("input[name=email]").count() == 1

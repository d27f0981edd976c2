"""Sign-in with others in a browser: the provider is another site, as it is for people."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import Server
from tests.e2e.test_dashboard import eventually
from tests.oauth.provider import CLIENT_ID, CLIENT_SECRET, OIDCProvider

pytestmark = pytest.mark.e2e

OpenTab = Callable[..., Any]

FETCH = "async () => (await fetch('/api/auth/oauth/tokens', { method: 'POST' })).status"
ME = "async () => (await (await fetch('/api/auth/me')).json()).email ?? null"
CHANGE = """async () => {
    const csrf = document.cookie.match(/-csrf=([^;]+)/)[1];
    const headers = { 'X-CSRF-Token': csrf, 'Content-Type': 'application/json' };
    const body = JSON.stringify({ full_name: 'Countess' });
    return (await fetch('/api/auth/me', { method: 'PATCH', headers, body })).status;
}"""


@pytest.fixture
def address(oidc: OIDCProvider, tmp_path: Path) -> Iterator[str]:
    """A server that knows the provider. To browsers `localhost` is another site than 127.0.0.1."""
    server = Server()
    url = f"http://localhost:{server.port}"
    server.environment |= {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'e2e.db'}",
        "PUBLIC_URL": url,
        "OAUTH_PROVIDERS__SSO__ISSUER": oidc.url,
        "OAUTH_PROVIDERS__SSO__TITLE": "Example",
        "OAUTH_PROVIDERS__SSO__CLIENT_ID": CLIENT_ID,
        "OAUTH_PROVIDERS__SSO__CLIENT_SECRET": CLIENT_SECRET,
    }
    server.start()
    yield url
    server.stop()


def test_a_browser_goes_to_another_site_and_comes_back(address: str, open_tab: OpenTab) -> None:
    tab = open_tab()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))

    # Strangers go through all of it, and are told why they may not see the dashboard.
    tab.goto(f"{address}/dashboard/")
    tab.click("text=Sign in with Example")
    eventually(lambda: "There is no account for you" in tab.inner_text("main"))
    tab.click("text=Back")
    eventually(lambda: tab.locator("input[name=email]").count() == 1)
    assert [text for text in said if "Content Security Policy" in text] == []

    # A page fetches tokens, once.
    tab.goto(f"{address}/api/auth/oauth/sso/login?use=tokens&next=/docs")
    eventually(lambda: tab.url.startswith(f"{address}/docs"))
    assert [tab.evaluate(FETCH), tab.evaluate(FETCH)] == [200, 401]
    assert tab.evaluate(ME) is None

    # A page has cookies, and changes something.
    tab.goto(f"{address}/api/auth/oauth/sso/login?next=/docs")
    eventually(lambda: tab.url.startswith(f"{address}/docs"))
    assert tab.evaluate(ME) == "ada@example.com"
    assert tab.evaluate(CHANGE) == 200

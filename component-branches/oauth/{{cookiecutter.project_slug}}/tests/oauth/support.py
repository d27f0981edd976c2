"""How a browser goes to a provider and comes back."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from fastapi.testclient import TestClient
from httpx2 import Response

API = "/api/auth/oauth"


def begin(browser: TestClient, name: str = "sso", **query: str) -> str:
    """Open the link; where it leads."""
    response = browser.get(f"{API}/{name}/login", params=query, follow_redirects=False)
    assert response.status_code == 303, response.text
    return response.headers["Location"]


def agree(url: str) -> str:
    """Agree at the provider; where it sends the browser back to."""
    response = httpx2.get(url)
    assert response.status_code == 302, response.text
    return response.headers["Location"]


def come_back(browser: TestClient, url: str, **headers: str) -> Response:
    """Come back from the provider."""
    assert url.startswith("https://testserver/")
    return browser.get(url, headers=headers, follow_redirects=False)


def sign_in(browser: TestClient, name: str = "sso", **query: str) -> Response:
    """All of it."""
    return come_back(browser, agree(begin(browser, name, **query)))


def query_of(url: str) -> dict[str, str]:
    """What stands behind the question mark."""
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def who(browser: TestClient) -> Any:
    """The address of whoever is signed in."""
    response = browser.get("/api/auth/me")
    return response.json().get("email") if response.status_code == 200 else None

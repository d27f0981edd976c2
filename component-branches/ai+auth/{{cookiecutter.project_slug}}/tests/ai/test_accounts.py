"""Whose conversations they are."""

from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from app.components.backend.api.deps import get_current_active_user
from app.core import operators
from app.core.config import Settings
from app.models.user import User
from app.services.ai import Answer, get_ai_response
from tests.auth.support import as_user, is_problem, log_in
from tests.fixtures.auth import MakeUser

CHAT = "/api/ai/chat"
CONVERSATIONS = "/api/ai/conversations"
TOKEN = "a-token-for-the-tests"


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production, strangers are let in nowhere."""
    settings = Settings(DASHBOARD_TOKEN=SecretStr(TOKEN))
    monkeypatch.setattr(operators, "settings", settings)


def test_each_account_has_conversations_of_its_own(
    browser: TestClient, make_user: MakeUser
) -> None:
    make_user("ada@example.com")
    make_user("bob@example.com")
    ada, bob = as_user(browser, "ada@example.com"), as_user(browser, "bob@example.com")
    asked = browser.post(CHAT, json={"message": "My secret"}, headers=ada).json()
    path = f"{CONVERSATIONS}/{asked['conversation_id']}"
    assert len(browser.get(CONVERSATIONS, headers=ada).json()) == 1
    assert browser.get(CONVERSATIONS, headers=bob).json() == []
    assert browser.get(path, headers=bob).status_code == 404
    assert browser.get(f"{path}/export", headers=bob).status_code == 404
    assert browser.delete(path, headers=bob).status_code == 404
    body = {"message": "And?", "conversation_id": asked["conversation_id"]}
    assert browser.post(CHAT, json=body, headers=bob).status_code == 404
    for own in (path, f"{path}/export"):
        response = browser.get(own, headers=ada)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "no-store"


def test_administrators_see_usage_and_no_texts(browser: TestClient, make_user: MakeUser) -> None:
    ada = make_user("ada@example.com")
    make_user("root@example.com", role="admin")
    browser.post(CHAT, json={"message": "My secret"}, headers=as_user(browser))
    admin = as_user(browser, "root@example.com")
    assert browser.get(CONVERSATIONS, headers=admin).json() == []
    [row] = browser.get("/api/ai/usage", headers=admin).json()["rows"]
    assert row["user_id"] == str(ada.id)
    assert browser.get("/api/ai/usage", headers=as_user(browser)).json()["answers"] == 1
    assert browser.get("/api/ai/providers", headers=admin).status_code == 200
    assert browser.get("/api/ai/providers", headers=as_user(browser)).status_code == 403


def test_only_administrators_have_the_tools_of_operators(
    browser: TestClient, make_user: MakeUser
) -> None:
    make_user("ada@example.com")
    make_user("root@example.com", role="admin")
    body = {"message": "How is the health?"}
    assert browser.post(CHAT, json=body, headers=as_user(browser)).json()["tools"] == []
    admin = as_user(browser, "root@example.com")
    assert browser.post(CHAT, json=body, headers=admin).json()["tools"] == ["system_health"]


def test_strangers_and_wrong_tokens_stay_outside(
    browser: TestClient, make_user: MakeUser, closed: None
) -> None:
    make_user()
    body = {"message": "Hi"}
    ada = as_user(browser)
    browser.cookies.clear()
    assert browser.post(CHAT, json=body).status_code == 401
    wrong = {"Authorization": "Bearer nonsense"}
    assert browser.post(CHAT, json=body, headers=wrong).status_code == 401
    operator = {"Authorization": f"Bearer {TOKEN}"}
    assert browser.post(CHAT, json=body, headers=operator).status_code == 200
    assert browser.post(CHAT, json=body, headers=ada).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer"}])
def test_a_cookie_alone_asks_nothing(
    browser: TestClient, make_user: MakeUser, headers: dict[str, str]
) -> None:
    make_user()
    csrf = log_in(browser, use_cookies=True).json()["csrf_token"]
    body = {"message": "Hi"}
    is_problem(browser.post(CHAT, json=body, headers=headers), 403)
    headers = headers | {"X-CSRF-Token": csrf}
    assert browser.post(CHAT, json=body, headers=headers).status_code == 200


def test_a_route_of_ones_own(app: FastAPI, make_user: MakeUser) -> None:
    @app.post("/support")
    async def support(
        question: str, user: Annotated[User, Depends(get_current_active_user)]
    ) -> Answer:
        return await get_ai_response(message=question, user_id=user.id)

    make_user()
    with TestClient(app, base_url="https://testserver") as client:
        headers = as_user(client)
        client.cookies.clear()
        response = client.post("/support", params={"question": "Why?"}, headers=headers)
        assert response.json()["text"].endswith("You said: Why?")
        assert len(client.get(CONVERSATIONS, headers=headers).json()) == 1
        assert client.post("/support", params={"question": "Why?"}).status_code == 401

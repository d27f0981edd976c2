"""The API of the assistant."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, FunctionModel
from starlette.types import Message

from app.components.backend import event_stream
from app.components.backend.api import ai as api_module
from app.components.backend.event_stream import EventStream
from app.core import operators
from app.core.config import Settings
from app.core.logging import configure_logging
from app.services.ai import ChatService
from app.services.ai import chat as chat_module
from tests.ai.dialects import DIALECTS, KEY
from tests.ai.standin import Reply, StandIn
from tests.fixtures.ai import MakeChat

CHAT = "/api/ai/chat"


def events(text: str) -> Iterator[tuple[str, dict[str, object]]]:
    """The events of a stream."""
    for block in text.strip().split("\n\n"):
        if block.startswith("event: "):
            name, data = block.removeprefix("event: ").split("\ndata: ")
            yield name, json.loads(data)


def ask(client: TestClient, message: str = "Explain webhooks", **more: object) -> dict[str, str]:
    """Ask, and take the answer."""
    response = client.post(CHAT, json={"message": message, **more})
    assert response.status_code == 200, response.text
    return response.json()


def test_a_question_and_its_answer(client: TestClient) -> None:
    found = ask(client, stream=False)
    assert found["text"].endswith("You said: Explain webhooks")
    assert (found["provider"], found["state"]) == ("demo", "complete")


def test_a_stream(client: TestClient) -> None:
    response = client.post(CHAT, json={"message": "Hi", "stream": True})
    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    found = list(events(response.text))
    names = [name for name, _ in found]
    assert (names[0], names[-1]) == ("start", "done")
    assert names.count("text") > 1
    text = "".join(str(data["text"]) for name, data in found if name == "text")
    kept = client.get(f"/api/ai/conversations/{found[0][1]['conversation_id']}").json()
    assert kept["messages"][0]["answer"] == text
    assert found[-1][1]["state"] == "complete"


def test_a_stream_tells_of_tools(client: TestClient) -> None:
    response = client.post(CHAT, json={"message": "How is the health?", "stream": True})
    assert ("tool", {"name": "system_health"}) in list(events(response.text))


@pytest.mark.parametrize(
    ("conversation_id", "status"),
    [("\ud800", 422), ("\0", 404), ("x" * 65, 422), ("nothing", 404)],
    ids=["half a character", "null character", "long", "unknown"],
)
def test_an_odd_conversation_is_none(client: TestClient, conversation_id: str, status: int) -> None:
    body = json.dumps({"message": "Hi", "conversation_id": conversation_id})
    response = client.post(CHAT, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == status


def test_a_conversation_goes_on(client: TestClient) -> None:
    first = ask(client)
    ask(client, "More", conversation_id=first["conversation_id"])
    [listed] = client.get("/api/ai/conversations").json()
    assert (listed["title"], listed["turns"]) == ("Explain webhooks", 2)


def test_a_conversation_is_searched_renamed_exported_and_deleted(client: TestClient) -> None:
    path = f"/api/ai/conversations/{ask(client)['conversation_id']}"
    assert len(client.get("/api/ai/conversations", params={"search": "webhooks"}).json()) == 1
    assert client.get("/api/ai/conversations", params={"search": "cats"}).json() == []
    assert client.patch(path, json={"title": " Hooks\n"}).json()["title"] == "Hooks"
    exported = client.get(f"{path}/export")
    assert exported.text.startswith("# Hooks\n\n## You\n\nExplain webhooks")
    assert "attachment" in exported.headers["Content-Disposition"]
    assert client.get(f"{path}/export", params={"format": "json"}).json()["title"] == "Hooks"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get("/api/ai/usage").json()["answers"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"message": ""}, 422),
        ({"message": " \x00 "}, 400),
        ({"message": "x" * 32_001}, 413),
        ({"message": "Hi", "conversation_id": "nobody's"}, 404),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_what_does_not_fit_is_a_problem(
    client: TestClient, body: dict[str, object], status: int, stream: bool
) -> None:
    response = client.post(CHAT, json={**body, "stream": stream})
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"


def test_providers_are_listed_without_their_keys(client: TestClient) -> None:
    found = {item["name"]: item for item in client.get("/api/ai/providers").json()}
    assert found["demo"]["is_chosen"] is True
    assert "OPENAI_API_KEY" in found["openai"]["missing"]


def test_strangers_are_let_in_nowhere(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    token = "a-token-for-the-tests"
    closed = Settings(APP_ENV="production", DASHBOARD_TOKEN=SecretStr(token))
    monkeypatch.setattr(operators, "settings", closed)
    assert client.post(CHAT, json={"message": "Hi"}).status_code == 401
    for path in (
        "conversations",
        "conversations/x",
        "conversations/x/export",
        "providers",
        "usage",
    ):
        assert client.get(f"/api/ai/{path}").status_code == 401
    headers = {"Authorization": f"Bearer {token}"}
    assert client.post(CHAT, json={"message": "Hi"}, headers=headers).status_code == 200


def test_health_knows_the_assistant(client: TestClient) -> None:
    found = client.get("/health/detailed").json()["components"]["ai"]
    assert found["state"] == "healthy"
    assert "demo" in found["message"]


@pytest.fixture
async def provider() -> AsyncIterator[StandIn]:
    """A provider."""
    async with StandIn(DIALECTS[0]) as standin:
        yield standin


@pytest.fixture
async def chat(
    provider: StandIn, make_chat: MakeChat, monkeypatch: pytest.MonkeyPatch
) -> ChatService:
    """The service of the application, asking the stand-in."""
    service = make_chat(**provider.settings, AI_RETRIES="0")
    loop = asyncio.get_running_loop()
    monkeypatch.setitem(chat_module._services, loop, service)
    return service


class Browser:
    """A client in the same event loop, which can leave and be slow."""

    def __init__(self, app: FastAPI, body: dict[str, object]) -> None:
        self.sent: list[Message] = []
        self.got = asyncio.Event()
        self.reads = asyncio.Event()
        self.reads.set()
        self._app = app
        self._left = asyncio.Event()
        self._body = json.dumps(body).encode()
        self._asked = False

    async def run(self) -> None:
        scope = {
            "type": "http",
            "method": "POST",
            "path": CHAT,
            "raw_path": CHAT.encode(),
            "query_string": b"",
            "headers": [(b"content-type", b"application/json"), (b"host", b"testserver")],
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
            "scheme": "http",
            "http_version": "1.1",
            "root_path": "",
            "state": {},
        }
        await self._app(scope, self._receive, self._send)

    def leave(self) -> None:
        self._left.set()

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self._body, "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        await self.reads.wait()
        self.sent.append(message)
        if b"text" in message.get("body", b""):
            self.got.set()

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.sent[1:]).decode()


@pytest.mark.parametrize("stream", [True, False])
async def test_whoever_leaves_stops_the_call(
    app: FastAPI, chat: ChatService, provider: StandIn, stream: bool
) -> None:
    provider.replies = [Reply(hangs_after=4)]
    browser = Browser(app, {"message": "Hi", "stream": stream})
    running = asyncio.create_task(browser.run())
    async with asyncio.timeout(90):
        if stream:
            await browser.got.wait()
        else:
            await provider.asked.wait()
        browser.leave()
        await running
        await provider.hung_up.wait()
    assert chat.live == 0


async def test_whoever_leaves_before_the_first_word_stops_the_call(
    app: FastAPI, chat: ChatService, provider: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing else ends the wait for it.
    monkeypatch.setattr(api_module, "BEGUN_SECONDS", 3600.0)
    chat.config = chat.config.model_copy(update={"AI_TIMEOUT_SECONDS": 3600.0})
    provider.replies = [Reply(hangs_after=0)]
    browser = Browser(app, {"message": "Hi", "stream": True})
    running = asyncio.create_task(browser.run())
    async with asyncio.timeout(90):
        await provider.asked.wait()
        browser.leave()
        await running
        await provider.hung_up.wait()
    assert chat.live == 0


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("reply", "status", "words"),
    [
        (Reply(status=401), 503, "OPENAI_API_KEY"),
        (Reply(status=404), 503, "AI_MODEL"),
        (Reply(status=429, headers={"Retry-After": "30"}), 503, "30 s"),
        (Reply(status=500), 503, "cannot answer"),
        (Reply(refuses=True), 422, "refuses"),
        (Reply(breaks_after=0), 502, "broke off"),
    ],
)
async def test_each_trouble_has_a_status_and_words(
    app: FastAPI,
    chat: ChatService,
    provider: StandIn,
    caplog: pytest.LogCaptureFixture,
    stream: bool,
    reply: Reply,
    status: int,
    words: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    provider.replies = [reply]
    browser = Browser(app, {"message": "Hi", "stream": stream})
    await browser.run()
    problem = json.loads(browser.text)
    assert (browser.status, problem["status"]) == (status, status)
    assert words in problem["detail"]
    assert KEY[:12] not in browser.text + caplog.text
    retry_after = dict(browser.sent[0]["headers"]).get(b"retry-after")
    assert retry_after == (b"30" if "Retry-After" in reply.headers else None)


async def test_a_stream_that_breaks_ends_with_what_happened(
    app: FastAPI, chat: ChatService, provider: StandIn
) -> None:
    provider.replies = [Reply(breaks_after=5)]
    browser = Browser(app, {"message": "Hi", "stream": True})
    await browser.run()
    name, data = list(events(browser.text))[-1]
    assert (name, data["state"]) == ("done", "interrupted")
    assert "broke off" in str(data["problem"])


async def test_what_a_provider_sends_is_in_no_log(
    app: FastAPI, chat: ChatService, provider: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    configure_logging(chat.config)
    caplog.set_level(logging.DEBUG)
    provider.replies = [Reply(status=401, headers={"Set-Cookie": "session=of-the-provider"})]
    await Browser(app, {"message": "My question"}).run()
    assert provider.requests
    assert "ai_answer_failed" in caplog.text
    for secret in ("of-the-provider", "My question", KEY):
        assert secret not in caplog.text


async def test_a_reader_that_reads_nothing_is_given_up(
    app: FastAPI, chat: ChatService, provider: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "READER_SECONDS", 0.05)
    provider.replies = [Reply(hangs_after=4)]
    browser = Browser(app, {"message": "Hi", "stream": True})
    running = asyncio.create_task(browser.run())
    async with asyncio.timeout(90):
        await browser.got.wait()
        browser.reads.clear()
        provider.replies = [Reply()]
        await chat.close()
        await running


async def test_a_silent_stream_is_kept_open_with_pings() -> None:
    async def source() -> AsyncIterator[bytes]:
        yield event_stream.PING

    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    await EventStream(source())({"type": "http"}, receive, send)  # ty: ignore
    assert sent[1]["body"] == b": ping\n\n"
    assert sent[-1]["more_body"] is False


async def test_a_server_that_stops_ends_its_streams_in_order() -> None:
    closed = asyncio.Event()

    async def source() -> AsyncIterator[bytes]:
        try:
            yield b"data: 1\n\n"
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            closed.set()

    sent: list[Message] = []
    got = asyncio.Event()

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)
        if message.get("body"):
            got.set()

    response = EventStream(source())  # ty: ignore
    running = asyncio.create_task(response({"type": "http"}, receive, send))
    await got.wait()
    running.cancel()
    await running
    assert closed.is_set()
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


async def test_200_streams_lose_no_token(
    app: FastAPI, make_chat: MakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def speak(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str]:
        for number in range(50):
            yield f"{number} "
            await asyncio.sleep(0)

    model = FunctionModel(stream_function=speak, model_name="demo")
    monkeypatch.setattr(chat_module, "load", lambda choices, config: model)
    service = make_chat()
    monkeypatch.setitem(chat_module._services, asyncio.get_running_loop(), service)
    browsers = [Browser(app, {"message": "Hi", "stream": True}) for _ in range(200)]
    await asyncio.gather(*(browser.run() for browser in browsers))
    expected = "".join(f"{number} " for number in range(50))
    for browser in browsers:
        found = list(events(browser.text))
        assert "".join(str(data["text"]) for name, data in found if name == "text") == expected
        assert found[-1][1]["state"] == "complete"

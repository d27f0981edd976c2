"""Month 5 of the tutorial: the assistant comes, with the demo first and then with a provider."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from aegis_cli.operations.create import Request, create
from aegis_cli.operations.outcome import Options
from aegis_cli.operations.remove import remove
from tests.support.application import get, run, served
from tests.support.git import commit, git
from tests.support.reader import Reader
from tests.support.reporter import Silent

HOW = Options(sync=False)
PATIENCE = 300.0
KEY = "sk-test-0123456789abcdef"
ASK = (
    "curl -X POST localhost:8000/api/ai/chat -H 'Content-Type: application/json'"
    """ -d '{"message": "Explain webhooks", "stream": false}'"""
)
ANSWER = "A webhook is a **call back**."


class Provider(BaseHTTPRequestHandler):
    """Speaks as much of the OpenAI Responses API as a chat needs."""

    keys: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        """List the models."""
        self._answer("application/json", json.dumps({"data": [{"id": "gpt-6-luna"}]}))

    def do_POST(self) -> None:
        """Stream an answer."""
        self.keys.append(self.headers["Authorization"])
        self.rfile.read(int(self.headers["Content-Length"]))
        place = {"item_id": "m", "output_index": 0, "content_index": 0}
        events: list[dict[str, object]] = [
            {"type": "response.output_text.delta", **place, "delta": piece, "logprobs": []}
            for piece in re.findall(r"\S+\s?", ANSWER)
        ]
        usage = {"input_tokens": 12, "output_tokens": 8, "total_tokens": 20}
        events.append({
            "type": "response.completed",
            "response": {
                "id": "r", "object": "response", "created_at": 1, "model": "gpt-6-luna", "status": "completed",
                "output": [], "usage": usage, "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
            },
        })  # fmt: skip
        frames = [
            f"event: {event['type']}\ndata: {json.dumps({**event, 'sequence_number': number})}\n\n"
            for number, event in enumerate(events)
        ]
        self._answer("text/event-stream", "".join(frames))

    def _answer(self, kind: str, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[str]:
    """The address of a provider on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


class Terminal:
    """A command in a terminal, as somebody sits before it."""

    def __init__(self, folder: Path, *command: str) -> None:
        self._raw = b""
        self._answered = self._typed = 0
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"},
        )  # fmt: skip
        os.close(slave)

    @property
    def screen(self) -> str:
        """All that was shown so far."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._raw.decode(errors="replace"))

    def type(self, text: str) -> None:
        """Type something, once it is ready for that: then pasting is switched on."""
        self._typed += 1
        self._wait(lambda: self._raw.count(b"\x1b[?2004h") >= self._typed, "a prompt")
        os.write(self._master, text.encode())

    def wait_for(self, text: str) -> None:
        """Wait until the screen has shown a text."""
        self._wait(lambda: text in self.screen, repr(text))

    def _wait(self, is_there: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_there():
            assert time.monotonic() < deadline, f"{what} is not in {self.screen!r}"
            if select.select([self._master], [], [], 0.1)[0]:
                # Kept whole: what belongs together may come in two pieces.
                self._raw += os.read(self._master, 65536)
                while self._answered < self._raw.count(b"\x1b[6n"):  # where is the cursor?
                    os.write(self._master, b"\x1b[1;1R")
                    self._answered += 1

    def end(self) -> int:
        """Wait for the end."""
        try:
            return self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            os.close(self._master)


@contextmanager
def chatting(folder: Path) -> Iterator[Terminal]:
    """`mvp-api ai chat`."""
    terminal = Terminal(folder, ".venv/bin/mvp-api", "ai", "chat")
    yield terminal
    terminal.type("/quit\r")
    assert terminal.end() == 0


def ask(address: str, **body: object) -> str:
    """`curl -X POST .../api/ai/chat`."""
    request = urllib.request.Request(  # noqa: S310  (localhost)
        f"{address}/api/ai/chat",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
        return str(answer.read().decode())


def append(path: Path, text: str) -> None:
    """`echo TEXT >> PATH`."""
    with path.open("a") as file:
        file.write(f"{text}\n")


def test_month_5(tmp_path: Path, provider: str) -> None:
    """To a project with a database, a scheduler and workers, in which somebody has worked, comes the assistant."""
    root = create(
        Request("mvp-api", tmp_path, components=("scheduler", "worker", "database")), Silent()
    ).root
    append(root / "README.md", "\nMine.")
    commit(root, "My fourth month")
    before = git(root, "rev-parse", "HEAD^{tree}")

    reader = Reader(root)
    reader.begins("Month 5")
    added = reader.is_told("aegis add-service ai")
    assert (added.status, added.conflicts) == ("done", [])
    assert set(added.components_added) == {"ai", "ai+database", "ai+worker"}
    run(root, "uv", "sync", "--quiet")

    assert "demo" in run(root, ".venv/bin/mvp-api", "ai", "ask", "Explain webhooks")
    reader.does("uv run mvp-api ai chat")
    with chatting(root) as terminal:
        terminal.type("Explain webhooks\r")
        terminal.wait_for("You said: Explain webhooks")

    append(root / ".env", "AI_PROVIDER=openai")
    append(root / ".env", f"OPENAI_API_KEY={KEY}")
    append(root / ".env", f"OPENAI_BASE_URL={provider}")
    assert "works" in run(root, ".venv/bin/mvp-api", "ai", "providers")
    with chatting(root) as terminal:
        terminal.type("Explain webhooks\r")
        terminal.wait_for("A webhook is a call back.")

    with served(root) as address:
        found = json.loads(reader.types(ASK, address=address))
        reader.ends()
        assert (found["text"], found["provider"]) == (ANSWER, "openai")
        events = ask(
            address, message="And then?", stream=True, conversation_id=found["conversation_id"]
        )
        assert "event: text" in events
        assert '"state": "complete"' in events
        kept = get(f"{address}/api/ai/conversations/{found['conversation_id']}")
        assert kept["turns"] == 2
    # The terminal and the server write into one database.
    assert " 3 " in run(root, ".venv/bin/mvp-api", "ai", "usage", "--by", "model")
    assert set(Provider.keys) == {f"Bearer {KEY}"}
    assert KEY not in (root.with_name("mvp-api.serve.log")).read_text()

    commit(root, "Lock the dependencies")
    run(root, "git", "rm", "--quiet", "--ignore-unmatch", "uv.lock")
    commit(root, "No lock")
    removed = remove(root, ["ai"], None, HOW, Silent())
    assert (removed.status, removed.kept) == ("done", ())
    assert git(root, "rev-parse", "HEAD^{tree}") == before

"""The commands of the assistant; `ai chat` in a real terminal."""

import fcntl
import json
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.constants import ROOT

PATIENCE = 300.0
SLOWLY = """
import runpy
from app.services.ai import demo
demo.PAUSE_SECONDS = 0.1
runpy.run_module("app.cli", run_name="__main__")
"""
"""An answer lasts until somebody has stopped it, on a busy machine as well."""


def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "ai", *arguments],
        capture_output=True,
        text=True,
        input=stdin,
        env=os.environ | environment,
        timeout=PATIENCE,
        check=False,
    )


class Terminal:
    """A command in a terminal of its own."""

    def __init__(self, folder: Path, *command: str) -> None:
        self.screen = ""
        self._raw = b""
        self._seen = self._prompts = self._typed = self._answered = 0
        master, slave = pty.openpty()
        self._master = master
        environment = {"TERM": "xterm", "COLUMNS": "100", "LINES": "30", "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, *command, "ai", "chat"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env=os.environ | environment,
            start_new_session=True,
            # The terminal is its own, so that Ctrl-C reaches it.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def type(self, text: str) -> None:
        """Type something, once it is ready for that."""
        self._typed += 1
        self._wait(lambda: self._prompts >= self._typed, "a prompt")
        self.press(text)

    def press(self, keys: str) -> None:
        """Press keys now."""
        os.write(self._master, keys.encode())

    def wait_for(self, text: str) -> None:
        """Wait until a text appears after what was waited for before."""
        self._wait(lambda: text in self.screen[self._seen :], repr(text))
        self._seen = self.screen.index(text, self._seen) + len(text)

    def _wait(self, is_there: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_there():
            assert time.monotonic() < deadline, f"{what} is not in {self.screen!r}"
            if select.select([self._master], [], [], 0.1)[0]:
                self._take(os.read(self._master, 65536))

    def _take(self, data: bytes) -> None:
        # All of it, each time: what belongs together may come in two pieces.
        self._raw += data
        while self._answered < self._raw.count(b"\x1b[6n"):
            # The terminal is asked where its cursor is.
            os.write(self._master, b"\x1b[1;1R")
            self._answered += 1
        # Pasting is switched on when the editor is ready for keys.
        self._prompts = self._raw.count(b"\x1b[?2004h")
        self.screen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._raw.decode(errors="replace"))

    def end(self) -> int:
        """Wait for the end."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < deadline
            if select.select([self._master], [], [], 0.1)[0]:
                try:
                    os.read(self._master, 65536)
                except OSError:
                    break
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """Clean up."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    """A chat in a terminal."""
    opened = Terminal(tmp_path, *getattr(request, "param", ("-m", "app.cli")))
    yield opened
    opened.close()


def test_a_chat_in_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    terminal.wait_for("demo:demo answers.")
    terminal.wait_for("/help shows the commands.")
    terminal.type("first line\x1b\rsecond line\r")
    terminal.wait_for("This is the demo")
    terminal.wait_for("second line")
    terminal.type("/save kept.md\r")
    terminal.wait_for("Saved as kept.md.")
    terminal.type("/history\r")
    terminal.wait_for("You said: first line")
    terminal.type("/model groq\r")
    terminal.wait_for("GROQ_API_KEY")
    terminal.type("/nonsense\r")
    terminal.wait_for("There is no command /nonsense")
    terminal.type("/new\r")
    terminal.wait_for("A new conversation begins.")
    terminal.type("/quit\r")
    assert terminal.end() == 0
    saved = (tmp_path / "kept.md").read_text()
    assert "first line\nsecond line" in saved
    assert "**This is the demo" in saved


@pytest.mark.parametrize("terminal", [("-c", SLOWLY)], ids=["slowly"], indirect=True)
def test_ctrl_c_stops_the_answer_and_not_the_program(terminal: Terminal) -> None:
    terminal.wait_for("/help shows the commands.")
    terminal.type(f"Say this {'again ' * 200}\r")
    terminal.wait_for("This is the demo")
    terminal.press("\x03")
    terminal.wait_for("(Stopped.)")
    terminal.type("Are you there?\r")
    terminal.wait_for("You said: Are you there?")
    terminal.type("\x03")
    terminal.wait_for("Ctrl-D or /quit ends.")
    terminal.type("\x04")
    assert terminal.end() == 0


def test_a_chat_that_is_piped_in() -> None:
    result = run("chat", stdin="Hello there\n/quit\n")
    assert result.returncode == 0
    assert "You said: Hello there" in result.stdout
    assert "\x1b" not in result.stdout


def test_ask_prints_plain_text() -> None:
    result = run("ask", "Explain", "webhooks")
    assert result.returncode == 0
    assert result.stdout.startswith("**This is the demo")
    assert result.stdout.endswith("You said: Explain webhooks\n")


def test_ask_reads_what_is_piped_in() -> None:
    result = run("ask", "Sum up:", stdin="a long text\n")
    assert "Sum up:\n\na long text" in result.stdout


def test_ask_without_a_question_is_a_usage_error() -> None:
    result = run("ask")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_an_error_is_one_line() -> None:
    result = run(
        "ask",
        "Hi",
        AI_PROVIDER="compatible",
        AI_MODEL="m",
        COMPATIBLE_BASE_URL="http://127.0.0.1:9/v1",
        AI_RETRIES="0",
    )
    assert result.returncode == 1
    [line] = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert line == "Error: OpenAI-compatible server cannot be reached."
    assert "Traceback" not in result.stderr


def test_providers_says_who_works() -> None:
    result = run("providers", "--json", OLLAMA_BASE_URL="http://127.0.0.1:9/v1")
    found = {item["name"]: item for item in json.loads(result.stdout)}
    assert found["demo"]["works"] is True
    assert found["ollama"]["works"] is False
    assert found["openai"]["works"] is None
    assert result.returncode == 0


def test_providers_fails_if_the_chosen_one_does() -> None:
    result = run(
        "providers",
        AI_PROVIDER="compatible",
        AI_MODEL="m",
        COMPATIBLE_BASE_URL="http://127.0.0.1:9/v1",
    )
    assert result.returncode == 1
    assert "Cannot be reached" in result.stdout


def test_usage_of_nothing() -> None:
    result = run("usage")
    assert result.returncode == 0


def test_the_command_line_starts_without_the_assistant() -> None:
    code = "import sys; import app.cli.ai; print(list(sys.modules))"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    for heavy in ("pydantic_ai", "pydantic", "prompt_toolkit", "rich.markdown"):
        assert f"'{heavy}'" not in result.stdout


def test_the_web_application_starts_without_the_providers() -> None:
    code = (
        "import sys; from app.components.backend.main import create_app; create_app(); "
        "print(list(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    for heavy in ("pydantic_ai", "openai", "anthropic", "google.genai", "groq", "genai_prices"):
        assert f"'{heavy}'" not in result.stdout

"""What others wrote is shown as text: it moves no cursor, colours nothing, hides nothing, asks nothing in our name."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from aegis_cli.cli import console, prompts
from aegis_cli.template.trust import NotTrusted, StrangeSource
from tests.support.project import Aegis, ProjectRepo
from tests.support.template import TemplateRepo

EVIL = "Fix\x1b[2K\r\u202eevil\u2028\x9b31m\u2066\ufeffx"
UNSAFE = ("\x1b", "\r", "\u202e", "\u2028", "\x9b", "\u2066", "\ufeff")


@pytest.fixture
def app(tmp_path: Path, aegis: Aegis) -> ProjectRepo:
    """A project whose template has a commit with an evil subject, author, manifest and tag."""
    template = TemplateRepo(tmp_path / "template")
    template.main("Start", {"a.txt": "1\n"})
    assert (
        aegis("init", "app", "-y", "--trust", "-o", tmp_path, "--template", template.path)[0] == 0
    )
    template.main(EVIL, {"a.txt": "2\n"}, author=f"Eve{EVIL} <e@example.org>")
    template.component("evil", files={"evil.txt": "x\n"}, summary=EVIL)
    return ProjectRepo(tmp_path / "app")


def test_every_reader(app: ProjectRepo, aegis: Aegis) -> None:
    for words in (
        ["status"],
        ["status", "--json"],
        ["components"],
        ["components", "--json"],
        ["update", "--dry-run"],
        ["update", "--no-sync"],
        ["log"],
        ["log", "--json"],
        ["add", "nothing\x1b[2K"],
        ["update", "--to", "x\x1b[2K"],
        ["update", "--set", "a\x1b=b"],
    ):
        _, out, err = aegis(*words, "--project-path", app.path)
        assert not [sign for sign in UNSAFE if sign in out + err], words
        if "--json" in words:
            json.loads(out)


def test_json_holds_the_text_as_it_is(app: ProjectRepo, aegis: Aegis) -> None:
    """Escaped for whoever looks at it; whole for whoever reads it."""
    _, out, _ = aegis("status", "--json", "--project-path", app.path)
    (waiting,) = json.loads(out)["waiting"]
    assert "\u202e" in waiting["subject"]


def test_the_merge_s_message(app: ProjectRepo, aegis: Aegis) -> None:
    assert aegis("update", "--no-sync", "--project-path", app.path)[0] == 0
    message = app.git("log", "-1", "--format=%B")
    assert "* Fix\\x1b[2K" in message
    assert not [sign for sign in UNSAFE if sign in message]


class Terminal(io.TextIOWrapper):
    """A terminal that remembers what is written to it."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def isatty(self) -> bool:
        return True

    @property
    def said(self) -> str:
        """What has been written."""
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode()


def at_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Let standard output be a terminal for the rest of a test."""
    found = Terminal()
    monkeypatch.setattr(sys, "stdout", found)
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    return found


def test_our_colours_are_the_only_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    talk = console.Console()
    talk.say(f"{console.colour('ours', '32')} \x1b[32mtheirs\x1b[0m \ufdd0:32\ufdd1theirs")
    assert terminal.said.startswith("\x1b[32mours\x1b[0m \\x1b[32mtheirs")
    assert terminal.said.count("\x1b") == 2


def test_a_diff_on_a_terminal_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    console.Console().diff(
        b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+\x1b[2Jnew\r\xff\n"
    )
    assert "\x1b[32m+\\x1b[2Jnew\\x0d\\xff\x1b[0m\n" in terminal.said


def test_a_question_of_trust_is_asked_once_and_names_the_whole_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A source that cannot be remembered ends in an error, and is not asked about for ever."""
    asked: list[str] = []

    def answer(text: str, **_: object) -> bool:
        asked.append(text)
        return True

    monkeypatch.setattr("typer.confirm", answer)
    source = "/srv/x' is fine. The template 'https://example.org/good"

    def operation() -> None:
        raise StrangeSource(source, "The template")

    with pytest.raises(NotTrusted):
        prompts.with_trust(operation, ask=True)
    (text,) = asked
    assert text.startswith(
        "The template '/srv/x\\' is fine. The template \\'https://example.org/good' can run code"
    )

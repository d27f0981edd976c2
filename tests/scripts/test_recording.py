"""The recording of the terminal: what it shows is a picture, small, and typed by commands that there are."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import pytest
import recording
from typer.main import get_command

from aegis_cli.cli.app import command_line

LIMIT = 150_000  # bytes


def _texts(picture: str) -> list[str]:
    tree = ElementTree.fromstring(picture)  # noqa: S314  (our own)
    lines = tree.iter("{http://www.w3.org/2000/svg}text")
    return ["".join(line.itertext()) for line in lines]


def test_the_picture_is_small_and_asks_nobody_for_anything() -> None:
    """No script, no font, no address."""
    picture = recording.TARGET.read_text("utf-8")
    assert len(picture) < LIMIT
    assert "<script" not in picture
    assert "url(" not in picture
    addresses = re.findall(r"[\"'(]https?://[^\"')]*", picture)
    assert addresses == ['"http://www.w3.org/2000/svg']


def test_it_shows_the_story() -> None:
    """What is typed in it is what the script types; after each command stands what it said."""
    shown = _texts(recording.TARGET.read_text("utf-8"))
    assert [line.removeprefix("$ ") for line in shown if line.startswith("$ ")] == [
        *recording.STORY
    ]
    for begin in ("Created shop", "Done: Add worker", "Done: Update the template"):
        assert [line for line in shown if line.startswith(begin)], begin
    assert shown[-1].startswith("Undo:"), "the last command came to its end"


@pytest.mark.parametrize("line", recording.STORY)
def test_its_commands_are_commands(line: str) -> None:
    """The parser still takes each of them."""
    program, *words = shlex.split(line)
    if program == "aegis":
        command = get_command(command_line()).commands[words[0]]  # type: ignore[attr-defined]
        with command.make_context(words[0], words[1:], resilient_parsing=True) as context:
            assert not context.args


def test_recording_again_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command runs in a terminal of its own; times are made up."""
    monkeypatch.setattr(recording, "STORY", ("aegis version", "cd deeper", "aegis version"))
    (tmp_path / "deeper").mkdir()
    environment = {**os.environ, "TERM": "xterm-256color"}
    first, second = (recording.drawn(recording.record(tmp_path, environment)) for _ in range(2))
    assert first == second
    said = _texts(first)
    assert [line.split()[0] for line in said] == ["$", "aegis", "$", "$", "aegis"]


def test_a_command_that_fails_is_no_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, with what the command said."""
    monkeypatch.setattr(recording, "STORY", ("aegis nonsense",))
    with pytest.raises(SystemExit, match="No such command"):
        recording.record(tmp_path, dict(os.environ))

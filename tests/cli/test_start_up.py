"""What a command loads before it does anything: counted in modules, for a second is not the same on every machine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.hazards.support import Project, plain_template

_LOOK = (
    "import json, sys\nbefore = set(sys.modules)\nfrom aegis_cli.cli.app import run\ncode = run(sys.argv[1:])\n"
    "print(json.dumps([code, sorted(set(sys.modules) - before)]))\n"
)
HEAVY = {
    "pydantic",
    "git",
    "hashlib",
    "cookiecutter",
    "jinja2",
    "rich",
    "yaml",
    "importlib.metadata",
}


def loaded(*argv: object) -> set[str]:
    """Return the modules that a command loads, in a process of its own."""
    words = [sys.executable, "-c", _LOOK, *map(str, argv)]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    code, names = json.loads(ran.stdout.splitlines()[-1])
    assert code == 0, ran.stderr
    return set(names)


@pytest.mark.parametrize(
    ("words", "most_ours", "most"),
    [
        (["--help"], 21, 150),
        (["update", "--help"], 17, 145),
        (["version"], 17, 145),
        (["--version"], 17, 145),
    ],
)
def test_help_and_version_load_only_the_command_line(
    words: list[str], most_ours: int, most: int
) -> None:
    """And of that what is asked for: one command is put together without the others."""
    names = loaded(*words)
    ours = {name for name in names if name.startswith("aegis_cli.")}
    assert not HEAVY & names
    assert len(ours) <= most_ours, sorted(ours)
    assert len(names) <= most, len(names)


@pytest.mark.parametrize("word", ["version", "--version"])
def test_the_version_is_told_without_the_command_line(word: str) -> None:
    """In the words of the command itself, which its help describes."""
    code = "import sys; from aegis_cli.__main__ import main\ntry: main()\nfinally: print('typer' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code, word], capture_output=True, text=True, check=True
    )
    same = "import sys; from aegis_cli.cli.app import run; run(sys.argv[1:])"
    known = subprocess.run(
        [sys.executable, "-c", same, word], capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"{known.stdout}False\n"
    assert known.stdout.startswith("aegis ")


@pytest.mark.parametrize(
    ("words", "most_ours", "most"),
    [(["status"], 70, 285), (["log"], 68, 285), (["update", "-y"], 70, 285)],
)
def test_looking_loads_neither_what_renders_nor_what_merges(
    tmp_path: Path, words: list[str], most_ours: int, most: int
) -> None:
    """Nor does an update with nothing to do. GitPython is there once git is needed."""
    project = Project.start(plain_template(tmp_path, {"a.txt": "a\n"}))
    names = loaded(*words, "--project-path", project.root)
    ours = {name for name in names if name.startswith("aegis_cli.")}
    assert "git" in names
    assert not {"pydantic", "cookiecutter", "jinja2", "rich"} & names
    assert not {"aegis_cli.project.plan", "aegis_cli.replay.replayer"} & names
    assert len(ours) <= most_ours, sorted(ours)
    assert len(names) <= most, len(names)


@pytest.mark.parametrize(("words", "most"), [(["status"], 12), (["update", "-y"], 12)])
def test_git_is_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], most: int
) -> None:
    """A repository is opened once, and no question is asked twice."""
    project = Project.start(plain_template(tmp_path, {"a.txt": "a\n"}))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    loaded(*words, "--project-path", project.root)
    asked = Counter(re.findall(r"built-in: git (.*)", (tmp_path / "trace").read_text()))
    # GitPython asks for the version as it is imported. Two repositories are read: the project's and the template's.
    assert {q: n for q, n in asked.items() if n > 1} == {"version": 2, "cat-file --batch": 2}
    assert asked.total() <= most, asked

"""What a command loads before it does anything: counted in modules, for a second is not the same on every machine."""

from __future__ import annotations

import json
import subprocess
import sys
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


@pytest.mark.parametrize("words", [["--help"], ["update", "--help"], ["version"], ["--version"]])
def test_help_and_version_load_only_the_command_line(words: list[str]) -> None:
    names = loaded(*words)
    ours = {name for name in names if name.startswith("aegis_cli.")}
    assert not HEAVY & names
    assert len(ours) <= 21, sorted(ours)
    assert len(names) <= 160, len(names)


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


def test_what_needs_no_rendering_loads_no_cookiecutter(tmp_path: Path) -> None:
    """Nor what merges, for a look at where the project stands; GitPython is there once git is needed."""
    project = Project.start(plain_template(tmp_path, {"a.txt": "a\n"}))
    for command in (["status"], ["log"], ["update", "-y"]):
        names = loaded(*command, "--project-path", project.root)
        assert "git" in names
        assert not {"pydantic", "cookiecutter", "jinja2", "rich"} & names, command
    assert "aegis_cli.project.plan" not in loaded("status", "--project-path", project.root)

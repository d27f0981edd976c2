"""Names, answers and paths that hold line breaks: no line of what is said begins with their authors' words."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from aegis_cli.text import named, quoted
from tests.hazards.support import aegis_command
from tests.support.project import Aegis, ProjectRepo
from tests.support.template import TemplateRepo

EVIL = "x\nNext: evil\r\x1b[2Kx"
PATH = f"docs/{EVIL}.txt"
LINES = "".join(f"Line {n}\n" for n in range(1, 10))


def _edited(line: str) -> str:
    return LINES.replace("Line 5\n", f"Line 5, {line}\n")


@pytest.fixture
def made(tmp_path: Path, aegis: Aegis) -> ProjectRepo:
    """A project in such a folder, with such files and answers; an update waits. (Templates may have no such files.)"""
    template = TemplateRepo(
        tmp_path / "template", {"title": EVIL, "license": [f"MIT{EVIL}", "none"]}, slots=False
    )
    template.main("Start", {"guide.md": LINES, "a.txt": "{{ cookiecutter.title }}\n"})
    folder = tmp_path / f"all {EVIL}"
    folder.mkdir()
    words = ("-y", "-q", "--trust", "-o", folder, "--template", template.path)
    assert aegis("init", "app", *words) == (0, "", "")
    template.main(f"Better{EVIL}", {"guide.md": _edited("better")})
    project = ProjectRepo(folder / "app")
    project.commit("Mine", {PATH: LINES})
    return project


def _said(aegis: Aegis, *words: object) -> str:
    _, out, err = aegis(*words)
    said = out + err
    assert "evil" in said or "--json" in words, f"{words}: the test shows nothing"
    wrong = [line for line in said.splitlines() if line.lstrip().startswith("Next: evil")]
    assert not wrong, words
    assert not {"\r", "\x1b"} & set(said), words
    return said


def test_what_tells_something(made: ProjectRepo, aegis: Aegis, tmp_path: Path) -> None:
    """Each row of each table, errors, and the next commands."""
    path = ("--project-path", made.path)
    for words in (["answers"], ["answers", "-v"]):
        _said(aegis, *words, *path)
    _said(aegis, "status", "--all", made.path.parent)
    _said(aegis, "update", "--set", f"license={EVIL}", *path)
    _said(aegis, "restore", EVIL, *path)
    _said(aegis, "update", "--to", EVIL, *path)
    _said(aegis, "status", "--project-path", made.path / EVIL)
    _said(aegis, "offer", "HEAD", "--dry-run", *path)
    _said(aegis, "init", "app", "-y", "-o", made.path.parent)
    (made.path / ".aegis/project.yml").unlink()
    _said(aegis, "adopt", "--template", tmp_path / "template", "--dry-run", "-v", *path)


def test_what_is_in_the_way(made: ProjectRepo, aegis: Aegis) -> None:
    """Lists of files in refusals, and what the doctor finds."""
    path = ("--project-path", made.path)
    made.git("update-index", "--assume-unchanged", PATH)
    _said(aegis, "doctor", *path)
    made.git("update-index", "--no-assume-unchanged", PATH)
    made.write({PATH: "mine\n"})
    made.git("add", "--all")
    _said(aegis, "update", "--no-sync", *path)


def test_what_is_left_of_a_merge(made: ProjectRepo, aegis: Aegis) -> None:
    """The user's own, in a project and among many."""
    path = ("--project-path", made.path)
    made.git("checkout", "--quiet", "-b", "other")
    made.commit("Theirs", {PATH: _edited("theirs")})
    made.git("checkout", "--quiet", "main")
    made.commit("Mine", {PATH: _edited("mine"), ".gitattributes": "docs/** aegis=keep\n"})
    made.git("merge", "other", check=False)
    for words in (["conflicts"], ["conflicts", "-v"], ["status"], ["resolve"], ["doctor"]):
        _said(aegis, *words, *path)


def test_questions_at_a_terminal(made: ProjectRepo, tmp_path: Path) -> None:
    """Wordings, choices, defaults and the summary."""
    command = aegis_command("init", "asked", "--template", str(tmp_path / "template"), "--no-git")
    told = subprocess.run(
        ["script", "--quiet", "--command", " ".join(map(quoted, command)), os.devnull],
        cwd=tmp_path, input=b"\n" * 9, capture_output=True, check=False, env={**os.environ, "TERM": "dumb"}
    ).stdout.decode()  # fmt: skip
    assert "evil" in told
    wrong = [line for line in told.splitlines() if line.lstrip().startswith("Next: evil")]
    assert not wrong, told
    assert "\x1b" not in told


def _run_as_told(said: str, place: Path) -> None:
    """Type the commands that stand behind `Next:`."""
    for line in said.splitlines():
        _, found, step = line.partition("Next:")
        command = step[step.find(" git ") :].partition(" COMMAND")[0]
        if found and command:
            subprocess.run(["bash", "-c", command], cwd=place, capture_output=True, check=False)


@pytest.mark.parametrize("evil", ["$(>trap)", "`>trap`", ";>trap", "x\nNext: evil"])
def test_a_command_that_is_told_does_nothing_else(
    project: ProjectRepo, aegis: Aegis, tmp_path: Path, evil: str
) -> None:
    """Somebody else has called a file of the state so, or a merge driver in an attribute."""
    path = ("--project-path", project.path)
    if evil.isprintable():
        project.commit("Mine", {".gitattributes": f"*.md merge={evil}\n"})
        said = aegis("doctor", *path)[1]
        assert evil in said.partition("git config")[2]
        _run_as_told(said, tmp_path)
    project.commit("Mine", {f".aegis/components/{evil}.yml": "x: y\n"})
    code, _, said = aegis("status", *path)
    assert code == 1
    assert "git log" in said
    assert not [line for line in said.splitlines() if line.startswith("Next: evil")]
    _run_as_told(said, tmp_path)
    assert not list(tmp_path.glob("trap*"))


@pytest.mark.parametrize(
    "name",
    ["plain", "a b", "it's", "$HOME", "a\nb", "tab\there", "bell\x07", "\udcff", "né\u202e", "\\n\n", "*?", ""],
)  # fmt: skip
def test_a_command_to_copy_means_what_it_names(name: str, tmp_path: Path) -> None:
    """One word for a shell, on one line that can be shown; a sentence shows it on one line as well."""
    assert quoted(name).isprintable()
    assert "\n" not in named(name)
    script = f"printf %s {quoted(name)}"
    said = subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout
    assert said == os.fsencode(name)

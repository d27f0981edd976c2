"""Merge commits in a team's own words, and the way to git for those who look for it in aegis."""

from __future__ import annotations

import pytest

from tests.support.project import Aegis, ProjectRepo


@pytest.mark.parametrize("command", [["update"], ["add", "worker"], ["remove", "scheduler"]])
def test_the_message_begins_with_it(project: ProjectRepo, aegis: Aegis, command: list[str]) -> None:
    """What came still follows."""
    words = (
        *command,
        "-m",
        "chore(template): ABC-1 grow",
        "--no-sync",
        "--project-path",
        project.path,
    )
    assert aegis(*words)[0] == 0
    message = project.git("log", "-1", "--format=%B")
    assert message.startswith(
        "chore(template): ABC-1 grow\n" if len(message.splitlines()) > 1 else "chore"
    )
    assert ("template commits:" in message) == (command == ["update"])


def test_what_stands_in_braces_is_filled_in(project: ProjectRepo, aegis: Aegis) -> None:
    """Whoever places the subjects gets no second list; other braces are nobody's but the user's."""
    text = "chore: {from} -> {to} ({count}) {ticket}\n\n{subjects}\n\nSigned-off-by: me"
    words = ("update", "-m", text, "--to", "v0.2.0", "--no-sync", "--project-path", project.path)
    assert aegis(*words)[0] == 0
    lines = project.git("log", "-1", "--format=%B").splitlines()
    assert lines[0] == "chore: v0.1.0 -> v0.2.0 (4) {ticket}"
    assert "* main: a greeting" in lines[2:6]
    assert lines[6:] == ["", "Signed-off-by: me"]


def test_braces_without_the_subjects_keep_the_list(project: ProjectRepo, aegis: Aegis) -> None:
    """What came still follows."""
    words = ("update", "-m", "chore: {to}", "--no-sync", "--project-path", project.path)
    assert aegis(*words)[0] == 0
    message = project.git("log", "-1", "--format=%B")
    assert message.startswith("chore: v0.3.0\n\n5 template commits:\n\n* ")


@pytest.mark.parametrize("option", ["--continue", "--abort"])
def test_git_ends_what_git_began(project: ProjectRepo, aegis: Aegis, option: str) -> None:
    """The command is named, and nothing is done."""
    before = project.snapshot()
    code, _, said = aegis("update", option, "--project-path", project.path)
    assert code == 2
    assert f"git merge {option}" in said
    assert project.snapshot() == before

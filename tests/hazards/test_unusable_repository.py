"""A repository that is there, and that git cannot use: git's own words are told, and never that there is none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hazards.support import (
    LINES,
    Project,
    aegis,
    aegis_process,
    files_of,
    plain_template,
)


def _settings_that_cannot_be_read(git_dir: Path) -> str:
    (git_dir / "config").write_text("[core\n")
    return "bad config line 1"


def _a_form_of_a_newer_git(git_dir: Path) -> str:
    (git_dir / "config").write_text("[core]\n\trepositoryFormatVersion = 99\n")
    return "Expected git repo version"


def _a_work_tree_of_one_that_was_moved(git_dir: Path) -> str:
    shutil.move(git_dir, git_dir.parent.parent / "elsewhere")
    git_dir.write_text(f"gitdir: {git_dir.parent.parent}/gone\n")
    return "not a git repository"


def _a_head_that_was_cut(git_dir: Path) -> str:
    (git_dir / "HEAD").write_bytes(b"\0" * 41)
    return "not a git repository"


@pytest.mark.parametrize(
    "damage",
    [
        _settings_that_cannot_be_read,
        _a_form_of_a_newer_git,
        _a_work_tree_of_one_that_was_moved,
        _a_head_that_was_cut,
    ],
    ids=lambda damage: damage.__name__.strip("_"),
)
@pytest.mark.parametrize("words", [["update"], ["status"], ["restore", "a.txt"]], ids=" ".join)
def test_it_is_told_as_what_it_is(
    tmp_path: Path, damage: Callable[[Path], str], words: list[str]
) -> None:
    """A `git init` there, as for a folder without one, would be the wrong next step."""
    project = Project.start(plain_template(tmp_path, {"a.txt": LINES}))
    said = damage(project.root / ".git")
    before = files_of(project.root)

    ran = aegis(*words, "--project-path", project.root)

    assert ran.code == 1
    assert "git cannot use the repository" in ran.err
    assert said in ran.err
    assert "git init" not in ran.err
    assert files_of(project.root) == before


def test_what_git_fails_at_has_a_next_step(tmp_path: Path) -> None:
    """A branch that stands for a commit that is gone, say."""
    project = Project.start(plain_template(tmp_path, {"a.txt": LINES}))
    (project.root / ".git/refs/heads/main").write_text("1" * 40 + "\n")

    ran = aegis("update", "--project-path", project.root)

    assert ran.code == 1
    assert "bad object HEAD" in ran.err
    assert "git fsck" in ran.err


@pytest.mark.parametrize("command", ["status", "update", "doctor"])
def test_settings_of_the_user_that_git_cannot_read(
    sealed: Path, tmp_path: Path, command: str
) -> None:
    """A slip in ~/.gitconfig is told in git's words, and is no bug of ours."""
    project = Project.start(plain_template(tmp_path, {"a.txt": LINES}))
    (sealed / ".gitconfig").write_text("[user\n")

    with aegis_process(command, "--project-path", project.root) as process:
        said = process.communicate()[0].decode()

    assert process.returncode == 1, said
    assert "git does not work on this machine: 'fatal: bad config line 1" in said
    assert "git version" in said

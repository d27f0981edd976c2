"""Changes that are not committed: they are never part of a merge, and never lost."""

from __future__ import annotations

import os

import pytest

from tests.support.project import ProjectRepo, Refused


def test_unrelated_changes_stay_as_they_are(project: ProjectRepo) -> None:
    """An update works beside changes of files that it does not touch, and leaves them uncommitted."""
    project.write({"README.md": "mine\n", "notes.txt": "untracked\n"})

    assert project.update("v0.2.0").status == "done"

    assert project.read("README.md") == "mine\n"
    assert project.read("notes.txt") == "untracked\n"
    assert project.dirty() == [" M README.md", "?? notes.txt"]
    assert "app/health.py" in project.tree()


def test_a_changed_file_that_the_update_touches_is_refused(
    project: ProjectRepo, refused: Refused
) -> None:
    """It is named, nothing is changed, and the way out is told."""
    project.write({"docs/guide.md": "mine\n"})

    said = refused(project, "update")

    assert "docs/guide.md" in said
    assert "git stash" in said


def test_a_deleted_file_that_the_update_touches_is_refused(
    project: ProjectRepo, refused: Refused
) -> None:
    """A deletion that is not committed is a change like any other."""
    project.write({"docs/guide.md": None})

    assert "docs/guide.md" in refused(project, "update")


@pytest.mark.parametrize("path", ["README.md", "mine.txt"])
def test_staged_changes_are_refused(project: ProjectRepo, refused: Refused, path: str) -> None:
    """What is staged would become a part of the merge commit, so nothing begins, whatever the file."""
    project.write({path: "mine\n"})
    project.git("add", path)

    assert path in refused(project, "update")


def test_an_intent_to_add_is_refused(project: ProjectRepo, refused: Refused) -> None:
    """`git add --intent-to-add` is half a staged file: git could not write the merge."""
    project.write({"mine.txt": "mine\n"})
    project.git("add", "--intent-to-add", "mine.txt")

    assert "mine.txt" in refused(project, "update")


def test_the_stash_is_a_way_out(project: ProjectRepo) -> None:
    """What the refusal proposes works: stash, update, pop."""
    project.write(
        {"README.md": "mine\n", "docs/guide.md": project.read("docs/guide.md") + "Mine\n"}
    )
    project.git("stash", "--quiet")

    project.update("v0.2.0")
    project.git("stash", "pop", "--quiet")

    assert project.read("docs/guide.md").endswith("Line 30\nMine\n")
    assert "Line 5, better\n" in project.read("docs/guide.md")


def test_touched_files_without_a_change_do_not_count(project: ProjectRepo) -> None:
    """A file that was only written again, with the same content, is no change."""
    project.write({"docs/guide.md": project.read("docs/guide.md")})

    assert project.update("v0.2.0").status == "done"


def test_a_refusal_does_not_even_refresh_the_index(project: ProjectRepo, refused: Refused) -> None:
    """git status likes to write what it learns about times of files into the index; ours does not."""
    os.utime(project.path / "README.md", (1, 1))
    project.write({"docs/guide.md": "mine\n"})

    assert "docs/guide.md" in refused(project, "update")


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_changes_that_git_was_told_not_to_see_are_refused(
    project: ProjectRepo, refused: Refused, flag: str
) -> None:
    """`git update-index --assume-unchanged` hides a change from `git status`; it is not overwritten for that."""
    project.git("update-index", flag, "docs/guide.md")
    project.write({"docs/guide.md": "mine\n"})

    assert "docs/guide.md" in refused(project, "update")


def test_a_changed_mode_is_a_change(project: ProjectRepo, refused: Refused) -> None:
    """`chmod +x` on a file that the update touches is not lost."""
    (project.path / "docs/guide.md").chmod(0o755)

    assert "docs/guide.md" in refused(project, "update")

"""A conflict, and what comes after it."""

from __future__ import annotations

from pathlib import Path

from tests.hazards.support import LINES, Project, assert_whole, edited, everything, plain_template
from tests.support.git import git


def in_conflict(tmp_path: Path) -> Project:
    """Return a project where an update has stopped at a conflict in x.txt, with y.txt merged."""
    template = plain_template(tmp_path, {"x.txt": LINES, "y.txt": "y\n"})
    project = Project.start(template)
    project.commit("Mine", {"x.txt": edited(LINES, 3, to="mine")})
    template.main("Theirs", {"x.txt": edited(LINES, 3), "y.txt": "yy\n"})
    ran = project.update(expect=3)
    assert "Conflict   x.txt" in ran.out
    assert "git merge --continue" in ran.out
    return project


def test_git_continues_the_merge(tmp_path: Path) -> None:
    """Resolve, add, `git merge --continue`: the next update starts from there."""
    project = in_conflict(tmp_path)
    project.write({"x.txt": edited(LINES, 3, to="both")})
    project.git("add", "x.txt")
    git(project.root, "merge", "--continue", GIT_EDITOR="true")
    assert project.is_clean()
    assert "Nothing to do" in project.update().out
    project.template.main("Go on", {"x.txt": edited(edited(LINES, 3), 30)})  # type: ignore[union-attr]
    project.update()
    assert project.read("x.txt") == edited(edited(LINES, 3, to="both"), 30)


def test_git_aborts_the_merge_and_the_update_can_come_again(tmp_path: Path) -> None:
    """`git merge --abort` gives back what was; the same update stops at the same conflict."""
    project = in_conflict(tmp_path)
    project.git("merge", "--abort")
    assert project.is_clean()
    assert project.read("x.txt") == edited(LINES, 3, to="mine")
    ran = project.update(expect=3)
    assert "Conflict   x.txt" in ran.out
    assert_whole(project.root)


def test_an_aborted_update_and_a_later_template_come_together(tmp_path: Path) -> None:
    """Nothing of the abandoned update is lost when the next one comes."""
    project = in_conflict(tmp_path)
    project.git("merge", "--abort")
    project.template.main("Theirs go back", {"x.txt": LINES, "z.txt": "z\n"})  # type: ignore[union-attr]
    project.update()
    assert project.read("x.txt") == edited(LINES, 3, to="mine")
    assert (project.read("y.txt"), project.read("z.txt")) == ("yy\n", "z\n")


def test_every_command_that_writes_is_refused_meanwhile(tmp_path: Path) -> None:
    """With the words to end the merge, and without touching it."""
    project = in_conflict(tmp_path)
    for command in (["update"], ["add", "x"], ["remove", "x"], ["pick", "abcdef"]):
        before = everything(project.root)
        ran = project.run(command[0], *command[1:], expect=1)
        assert "git merge --continue" in ran.err
        assert everything(project.root) == before
    project.run("status")
    project.run("diff")


def test_a_conflict_waits_for_a_killed_update_to_be_none_of_its_business(tmp_path: Path) -> None:
    """No journal is left: the next run does not undo what waits for the user."""
    project = in_conflict(tmp_path)
    project.write({"x.txt": "half resolved\n"})
    project.run("update", expect=1)
    assert project.read("x.txt") == "half resolved\n"
    assert project.unmerged() == {"x.txt"}


def test_no_commit_leaves_a_merge_that_git_can_commit(tmp_path: Path) -> None:
    """`--no-commit`: staged and ready; after the commit the update is done."""
    template = plain_template(tmp_path, {"x.txt": LINES})
    project = Project.start(template)
    project.commit("Mine", {"x.txt": edited(LINES, 3, to="mine")})
    template.main("Theirs", {"x.txt": edited(LINES, 30)})
    project.update("--no-commit")
    assert (project.root / ".git" / "MERGE_HEAD").exists()
    project.git("commit", "--quiet", "--no-edit")
    assert project.is_clean()
    assert "Nothing to do" in project.update().out

"""User and template add the same file."""

from __future__ import annotations

from pathlib import Path

from tests.hazards.support import LINES, Project, edited, plain_template


def test_both_add_the_same_file_alike(tmp_path: Path) -> None:
    """One file, no question."""
    template = plain_template(tmp_path, {"x.txt": "x\n"})
    project = Project.start(template)
    project.commit("Mine", {"new.txt": LINES})
    template.main("Theirs", {"new.txt": LINES})
    project.update()
    assert project.read("new.txt") == LINES
    assert project.is_clean()


def test_both_add_the_same_file_unlike(tmp_path: Path) -> None:
    """A conflict that holds both contents."""
    template = plain_template(tmp_path, {"x.txt": "x\n"})
    project = Project.start(template)
    project.commit("Mine", {"new.txt": "mine\n"})
    template.main("Theirs", {"new.txt": "theirs\n"})
    ran = project.update(expect=3)
    assert "new.txt" in ran.out
    assert project.unmerged() == {"new.txt"}
    assert "mine\n" in project.read("new.txt")
    assert "theirs\n" in project.read("new.txt")


def test_both_add_the_same_file_and_the_template_goes_on(tmp_path: Path) -> None:
    """What was added alike is the base of the next change."""
    template = plain_template(tmp_path, {"x.txt": "x\n"})
    project = Project.start(template)
    project.commit("Mine", {"new.txt": LINES})
    template.main("Theirs", {"new.txt": LINES})
    project.update()
    project.commit("Mine", {"new.txt": edited(LINES, 2, to="mine")})
    template.main("Change", {"new.txt": edited(LINES, 30)})
    project.update()
    assert project.read("new.txt") == edited(edited(LINES, 2, to="mine"), 30)


def test_an_untracked_file_is_safe_even_if_it_is_alike(tmp_path: Path) -> None:
    """What git does not track is never taken over in silence."""
    template = plain_template(tmp_path, {"x.txt": "x\n"})
    project = Project.start(template)
    project.write({"new.txt": "same\n"})
    template.main("Theirs", {"new.txt": "same\n"})
    ran = project.refuses("update")
    assert "new.txt" in ran.err


def test_a_name_that_differs_in_case_only_is_another_file(tmp_path: Path) -> None:
    """Where the file system tells them apart, both are there."""
    template = plain_template(tmp_path, {"x.txt": "x\n"})
    project = Project.start(template)
    project.commit("Mine", {"readme.md": "mine\n"})
    template.main("Theirs", {"README.md": "theirs\n"})
    project.update()
    assert (project.read("readme.md"), project.read("README.md")) == ("mine\n", "theirs\n")

"""The template deletes files."""

from __future__ import annotations

from pathlib import Path

from tests.hazards.support import LINES, Project, edited, plain_template


def test_a_file_that_the_template_deletes_goes(tmp_path: Path) -> None:
    """The user never changed it: it goes, and an emptied folder with it."""
    template = plain_template(tmp_path, {"docs/old.txt": LINES, "x.txt": "x\n"})
    project = Project.start(template)
    template.main("Delete", {"docs/old.txt": None})
    ran = project.update()
    assert "Removed    docs/old.txt" in ran.out
    assert not project.exists("docs")
    assert project.is_clean()


def test_a_changed_file_that_the_template_deletes_is_a_question(tmp_path: Path) -> None:
    """An update that would delete the user's work asks; the work stays on disk meanwhile."""
    template = plain_template(tmp_path, {"old.txt": LINES, "x.txt": "x\n"})
    project = Project.start(template)
    mine = edited(LINES, 2, to="mine")
    project.commit("Mine", {"old.txt": mine})
    template.main("Delete", {"old.txt": None, "x.txt": "y\n"})
    ran = project.update(expect=3)
    assert "old.txt  (modify/delete)" in ran.out
    assert project.read("old.txt") == mine
    assert project.read("x.txt") == "y\n"


def test_an_uncommitted_change_of_a_file_that_the_template_deletes_is_safe(tmp_path: Path) -> None:
    """Refused before anything is written."""
    template = plain_template(tmp_path, {"old.txt": LINES, "x.txt": "x\n"})
    project = Project.start(template)
    project.write({"old.txt": edited(LINES, 2, to="mine")})
    template.main("Delete", {"old.txt": None})
    ran = project.refuses("update")
    assert "old.txt" in ran.err


def test_untracked_files_stay_in_a_folder_that_the_template_deletes(tmp_path: Path) -> None:
    """The folder stays for them."""
    template = plain_template(tmp_path, {"docs/old.txt": LINES, "x.txt": "x\n"})
    project = Project.start(template)
    project.write({"docs/own.txt": "own\n"})
    template.main("Delete", {"docs/old.txt": None})
    project.update()
    assert project.read("docs/own.txt") == "own\n"
    assert not project.exists("docs/old.txt")


def test_a_file_that_goes_and_comes_back_is_there(tmp_path: Path) -> None:
    """Deleted in one release, back in the next."""
    template = plain_template(tmp_path, {"old.txt": LINES, "x.txt": "x\n"})
    project = Project.start(template)
    template.main("Delete", {"old.txt": None})
    project.update()
    template.main("Back", {"old.txt": edited(LINES, 3)})
    project.update()
    assert project.read("old.txt") == edited(LINES, 3)
    assert project.is_clean()

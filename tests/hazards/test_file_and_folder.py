"""A file becomes a folder, a folder becomes a file."""

from __future__ import annotations

from pathlib import Path

from tests.hazards.support import LINES, Project, edited, plain_template

AS_FILE = {"docs": LINES, "x.txt": "x\n"}
AS_FOLDER = {"docs/a.txt": LINES, "docs/b.txt": "b\n", "x.txt": "x\n"}


def test_a_file_becomes_a_folder(tmp_path: Path) -> None:
    """In an unedited project it simply does."""
    template = plain_template(tmp_path, AS_FILE)
    project = Project.start(template)
    template.main("Away", {"docs": None})
    template.main("A folder", {"docs/a.txt": "a\n", "docs/b.txt": "b\n"})
    project.update()
    assert project.paths() == set(AS_FOLDER)
    assert project.is_clean()


def test_a_folder_becomes_a_file(tmp_path: Path) -> None:
    """In an unedited project it simply does."""
    template = plain_template(tmp_path, AS_FOLDER)
    project = Project.start(template)
    template.main("Away", {"docs/a.txt": None, "docs/b.txt": None})
    (template.path / "{{cookiecutter.project_slug}}" / "docs").rmdir()
    template.main("A file", {"docs": "docs\n"})
    project.update()
    assert project.paths() == set(AS_FILE)
    assert project.read("docs") == "docs\n"
    assert project.is_clean()


def _as_file(template_path: Path) -> None:
    folder = template_path / "{{cookiecutter.project_slug}}" / "docs"
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def test_an_untracked_file_in_a_folder_that_becomes_a_file_is_safe(tmp_path: Path) -> None:
    """Refused before anything is written, ignored files included."""
    template = plain_template(tmp_path, {**AS_FOLDER, ".gitignore": "*.log\n"})
    project = Project.start(template)
    project.write({"docs/own.txt": "precious\n", "docs/own.log": "precious\n"})
    _as_file(template.path)
    template.main("A file", {"docs": "docs\n"})
    ran = project.refuses("update")
    assert "docs/own.txt" in ran.err
    assert "docs/own.log" in ran.err


def test_the_users_file_in_a_folder_that_becomes_a_file_is_kept(tmp_path: Path) -> None:
    """A tracked file of the user's own cannot be where the file goes: a conflict, nothing lost."""
    template = plain_template(tmp_path, AS_FOLDER)
    project = Project.start(template)
    head = project.commit("Own", {"docs/own.txt": "precious\n"})
    _as_file(template.path)
    template.main("A file", {"docs": "docs\n"})
    ran = project.update(expect=3)
    assert "docs" in ran.out
    assert project.read("docs/own.txt") == "precious\n"
    project.git("merge", "--abort")
    assert project.git("rev-parse", "HEAD") == head
    assert project.is_clean()


def test_the_users_change_of_a_file_that_becomes_a_folder_is_kept(tmp_path: Path) -> None:
    """The changed file and the folder both want the place: a conflict, nothing lost."""
    template = plain_template(tmp_path, AS_FILE)
    project = Project.start(template)
    mine = edited(LINES, 2, to="mine")
    project.commit("Mine", {"docs": mine})
    (template.path / "{{cookiecutter.project_slug}}" / "docs").unlink()
    template.main("A folder", {"docs/a.txt": "a\n"})
    ran = project.update(expect=3)
    assert "docs" in ran.out
    assert mine in [path.read_text() for path in project.root.iterdir() if path.is_file()]
    project.git("merge", "--abort")
    assert project.read("docs") == mine
    assert project.is_clean()


def test_the_user_made_a_folder_of_the_templates_file(tmp_path: Path) -> None:
    """The template changes the file where the user now has a folder: that stays, and the file waits to be looked at."""
    template = plain_template(tmp_path, AS_FILE)
    project = Project.start(template)
    project.commit("Away", {"docs": None})
    project.commit("A folder", {"docs/own.txt": "precious\n"})
    template.main("Change", {"docs": edited(LINES, 3)})
    project.update("--dry-run")
    ran = project.update(expect=3)
    assert "you made docs a folder" in ran.out
    assert project.read("docs/own.txt") == "precious\n"
    (beside,) = project.unmerged()
    assert project.git("show", f":3:{beside}") + "\n" == edited(LINES, 3)
    project.git("rm", "-q", "--cached", beside)
    (project.root / beside).unlink()
    project.git("commit", "-q", "--no-edit")
    assert project.paths() == {"docs/own.txt", "x.txt"}
    assert project.is_clean()

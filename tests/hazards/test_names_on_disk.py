"""Names that the disk cannot hold are refused before anything is written, and the next run is not stuck."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, aegis, edited, plain_template
from tests.support.git import commit, git
from tests.support.template import TemplateRepo

DEEP = "/".join(["z" * 200] * 25)
LONG = "z" * 300
QUESTION = "{{ cookiecutter.n }}.txt"


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    return plain_template(tmp_path / "t", {"a.txt": LINES}, n="x")


@pytest.mark.parametrize("answer", [DEEP, LONG], ids=["path", "name"])
def test_a_path_that_is_too_long(template: TemplateRepo, answer: str) -> None:
    """Refused, nothing written; with a shorter answer all is well."""
    project = Project.start(template)
    template.main("Up", {"a.txt": edited(LINES, 20), QUESTION: "n\n"})

    ran = project.refuses("update", "--no-sync", "--set", f"n={answer}")

    assert "too long" in ran.err
    assert "Next:" in ran.err
    project.refuses("update", "--dry-run", "--set", f"n={answer}")
    project.update("--no-sync")
    assert project.exists("x.txt")
    assert project.is_clean()


@pytest.mark.parametrize("answer", [DEEP, LONG], ids=["path", "name"])
def test_a_new_project_with_a_path_that_is_too_long(
    template: TemplateRepo, tmp_path: Path, answer: str
) -> None:
    """No project, and nothing beside it."""
    template.main("Up", {QUESTION: "n\n"})
    place = tmp_path / "place"
    place.mkdir()

    words = ("init", "app", "-y", "--trust", "--template", template.path, "-o", place)
    ran = aegis(*words, "--set", f"n={answer}")

    assert ran.code == 1
    assert "too long" in ran.err
    assert list(place.iterdir()) == []


def _ignoring_case(root: Path) -> None:
    git(root, "config", "core.ignoreCase", "true")


def test_two_files_of_the_template_in_different_case(template: TemplateRepo) -> None:
    """Where case does not count the second would overwrite the first."""
    project = Project.start(template)
    _ignoring_case(project.root)
    template.main("Twice", {"Readme.md": "1\n", "README.md": "2\n"})

    ran = project.refuses("update", "--no-sync")

    assert "README.md and Readme.md" in ran.err
    assert "Next:" in ran.err


def test_a_file_of_the_template_and_one_of_the_users_in_different_case(
    template: TemplateRepo,
) -> None:
    """The user's would be overwritten. Renamed, the update comes."""
    project = Project.start(template)
    _ignoring_case(project.root)
    project.commit("Mine", {"readme.md": "mine\n"})
    template.main("Theirs", {"README.md": "theirs\n"})

    assert "README.md and readme.md" in project.refuses("update", "--no-sync").err

    project.git("mv", "readme.md", "mine.md")
    project.commit("Renamed")
    project.update("--no-sync")
    assert project.read("mine.md") == "mine\n"


def test_a_new_project_inside_of_a_repository_that_ignores_case(
    template: TemplateRepo, tmp_path: Path
) -> None:
    """The same on the way in."""
    template.main("Twice", {"Readme.md": "1\n", "README.md": "2\n"})
    around = tmp_path / "around"
    around.mkdir()
    git(around, "init", "-q")
    _ignoring_case(around)
    commit(around, "Start", {"own.txt": "own\n"})

    ran = aegis("init", "app", "-y", "--trust", "--template", template.path, "-o", around)

    assert ran.code == 1
    assert "README.md and app/Readme.md" in ran.err
    assert not (around / "app").exists()


def test_the_template_renames_a_file_in_case_only(template: TemplateRepo) -> None:
    """One file before, one after: nothing stands in the way."""
    template.main("Start", {"Readme.md": LINES})
    project = Project.start(template)
    _ignoring_case(project.root)
    template.main("Rename", {"Readme.md": None, "README.md": LINES})

    project.update("--no-sync")

    assert project.git("ls-files", "*.md") == "README.md"

"""`aegis restore`: files come back as the template has them; what no commit has is never lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, edited, plain_template
from tests.support.template import TemplateRepo


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    return plain_template(
        tmp_path / "t",
        {"f.txt": "{{ cookiecutter.project_slug }}\n", "docs/a.txt": LINES, "docs/b.txt": LINES},
    )


@pytest.fixture
def project(template: TemplateRepo) -> Project:
    return Project.start(template)


def delete(project: Project, *names: str) -> None:
    project.git("rm", "--quiet", *names)
    project.git("commit", "--quiet", "-m", "Gone")


def test_a_deleted_file_comes_back(project: Project, template: TemplateRepo) -> None:
    """Rendered, at the version that the project has; the next update changes it again."""
    delete(project, "docs/a.txt")
    template.main("Better", {"docs/a.txt": edited(LINES, 9)})

    ran = project.run("restore", "docs/a.txt")

    assert "Back       docs/a.txt\n" in ran.out
    assert project.read("docs/a.txt") == LINES
    assert project.git("status", "--porcelain") == "?? docs/a.txt"
    project.commit("Back")
    project.update("--no-sync")
    assert project.read("docs/a.txt") == edited(LINES, 9)


def test_what_an_update_left_out_comes_on_demand(project: Project, template: TemplateRepo) -> None:
    """The template's newest, as far as the project is."""
    project.commit("Keep", {".gitattributes": "docs/** aegis=keep\n"})
    template.main("Better", {"docs/a.txt": edited(LINES, 9), "docs/new.txt": "new\n"})
    project.update("--no-sync")
    ran = project.run("restore", "docs")
    assert project.read("docs/a.txt") == edited(LINES, 9)
    assert project.read("docs/new.txt") == "new\n"
    assert "Undo:      git restore -- docs/a.txt" in ran.out
    project.git("restore", "--", "docs/a.txt")
    assert project.read("docs/a.txt") == LINES


def test_from_a_folder_by_the_names_seen_there(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And by those of the project."""
    delete(project, "docs/a.txt", "docs/b.txt")
    (project.root / "docs").mkdir()
    monkeypatch.chdir(project.root / "docs")
    project.run("restore", "a.txt")
    project.run("restore", "docs/b.txt")
    assert project.read("docs/a.txt") == project.read("docs/b.txt") == LINES


def test_where_history_lost_the_template(project: Project) -> None:
    """It is rendered again."""
    delete(project, "f.txt")
    project.git("checkout", "--quiet", "--orphan", "squashed")
    project.git("commit", "--quiet", "-m", "All at once")
    project.run("restore", "f.txt")
    assert project.read("f.txt") == "app\n"


def test_a_dry_run_writes_nothing(project: Project) -> None:
    delete(project, "docs/a.txt")
    assert "Back       docs/a.txt" in project.refuses("restore", "docs", "--dry-run", expect=0).out


def test_nothing_to_do(project: Project) -> None:
    assert "Nothing to do" in project.refuses("restore", "docs", expect=0).out


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_what_is_not_committed_stays(project: Project, options: tuple[str, ...]) -> None:
    """Edits, and files of the user's in the place of deleted ones."""
    project.write({"f.txt": "mine\n"})
    assert "f.txt" in project.refuses("restore", "f.txt", *options).err
    project.git("checkout", "f.txt")
    delete(project, "f.txt")
    project.write({"f.txt": "mine\n"})
    assert "f.txt" in project.refuses("restore", "f.txt", *options).err


def test_beside_what_is_staged(project: Project) -> None:
    """As `git restore` does: the index is left alone."""
    project.git("rm", "--quiet", "f.txt")
    project.write({"own.txt": "own\n"})
    project.git("add", "own.txt")
    project.run("restore", "f.txt")
    assert project.read("f.txt") == "app\n"
    assert project.git("diff", "--cached", "--name-status").split() == [
        "D",
        "f.txt",
        "A",
        "own.txt",
    ]


def test_what_the_template_does_not_have(project: Project) -> None:
    project.commit("Mine", {"own.txt": "own\n"})
    assert "Did you mean 'docs/a.txt'?" in project.refuses("restore", "docs/aa.txt", expect=2).err
    project.refuses("restore", "own.txt", expect=2)
    project.refuses("restore", "../f.txt", expect=2)
    project.refuses("restore", ".aegis/project.yml", expect=2)

"""Files that git was told not to look at, or that a sparse checkout leaves out: refused with a way out, or right."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, edited, plain_template
from tests.support.git import git
from tests.support.template import TemplateRepo


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    return plain_template(tmp_path / "t", {"f.txt": LINES, "app/a.txt": LINES, "docs/d.txt": LINES})


@pytest.fixture
def project(template: TemplateRepo) -> Project:
    """Return a project that waits for changes of all its files."""
    project = Project.start(template)
    for path in ("f.txt", "app/a.txt", "docs/d.txt"):
        template.main(f"Change {path}", {path: edited(LINES, 5)})
    return project


def _edit(place: Path) -> None:
    place.write_text("mine\n")


def _folder(place: Path) -> None:
    place.unlink()
    place.mkdir()
    (place / "precious.txt").write_text("precious\n")


def _dangling(place: Path) -> None:
    place.unlink()
    place.symlink_to("nowhere")


def _link_to_the_same(place: Path) -> None:
    place.rename(place.with_name("moved.txt"))
    place.symlink_to("moved.txt")


def _deleted(place: Path) -> None:
    place.unlink()


def _folder_is_a_link(place: Path) -> None:
    place.parent.rename(place.parent.with_name("elsewhere"))
    place.parent.symlink_to("elsewhere")


CHANGES = [_edit, _folder, _dangling, _link_to_the_same, _deleted]


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
@pytest.mark.parametrize("command", ["update", "update --dry-run"])
def test_what_stands_in_a_hidden_files_place_is_never_lost(
    project: Project, flag: str, change: Callable[[Path], None], command: str
) -> None:
    """Whatever it is; and the way out that is told leads out."""
    project.git("update-index", flag, "f.txt")
    change(project.root / "f.txt")
    ran = project.refuses(*command.split())

    assert "f.txt" in ran.err
    way_out = (
        "git update-index --no-assume-unchanged f.txt && git update-index --no-skip-worktree f.txt"
    )
    assert way_out in ran.err
    subprocess.run(["sh", "-ec", way_out], cwd=project.root, check=True)
    project.git("stash", "--include-untracked")
    project.update("--no-sync")
    assert project.read("f.txt") == edited(LINES, 5)


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_link_in_place_of_a_hidden_files_folder(project: Project, flag: str) -> None:
    """The file is there, through the link: git would take it for its own."""
    project.git("update-index", flag, "docs/d.txt")
    _folder_is_a_link(project.root / "docs/d.txt")

    assert "docs/d.txt" in project.refuses("update").err


def test_hidden_files_that_are_as_they_were_are_no_obstacle(project: Project) -> None:
    """Also where git hides all that it writes."""
    project.git("config", "core.ignoreStat", "true")
    project.git("update-index", "--assume-unchanged", "f.txt", "app/a.txt")

    project.update("--no-sync")

    assert project.read("f.txt") == edited(LINES, 5)


@pytest.mark.parametrize("folder", ["app", "docs"])
def test_a_cone_without_the_projects_state_works(
    project: Project, folder: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A sparse checkout of one folder: the project is found, the update merges, and nothing else appears."""
    project.git("sparse-checkout", "set", "--no-cone", f"/{folder}/")
    assert not project.exists(".aegis")

    assert "Template" in project.run("status").out
    project.update("--no-sync", "--project-path", project.root / folder)

    assert {path.name for path in project.root.iterdir()} == {".git", folder}
    assert not project.git("status", "--porcelain")
    assert "line" in git(project.root, "show", f"HEAD:{folder}/{folder[0]}.txt")
    project.git("sparse-checkout", "disable")
    assert project.read("f.txt") == edited(LINES, 5)
    assert project.is_clean()

"""A file that the user made a link, a folder or a submodule is no deleted file: it is told as what it is.

The template's version stays in the index, so that nothing of it is out of reach.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, edited, plain_template
from tests.support.git import commit, git


def _link(project: Project) -> None:
    (project.root / "f.txt").unlink()
    (project.root / "f.txt").symlink_to("g.txt")
    project.commit("A link")


def _folder(project: Project) -> None:
    (project.root / "f.txt").unlink()
    project.commit("A folder", {"f.txt/own.txt": "own\n"})


def _submodule(project: Project) -> None:
    other = project.root.parent / "other"
    other.mkdir()
    git(other, "init", "-q")
    commit(other, "Start", {"a": "a\n"})
    project.git("rm", "-q", "f.txt")
    project.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "f.txt")
    project.commit("A submodule")


SHAPES = {_link: "a link", _folder: "a folder", _submodule: "a submodule"}
CHANGES = {
    "edited": {"f.txt": edited(LINES, 5)},
    "renamed": {"f.txt": None, "h.txt": edited(LINES, 5)},
}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__.strip("_"))
@pytest.mark.parametrize("change", CHANGES)
def test_it_is_told_as_what_it_is_and_the_templates_version_is_there(
    tmp_path: Path, shape: Callable[[Project], None], change: str
) -> None:
    """A conflict that names the shape; three words that are not said: you deleted it."""
    template = plain_template(tmp_path / "t", {"f.txt": LINES, "g.txt": "g\n"})
    project = Project.start(template)
    shape(project)
    mine = project.git("rev-parse", "HEAD:f.txt")
    template.main("Change", CHANGES[change])

    ran = project.update("--no-sync", expect=3)

    assert SHAPES[shape] in ran.out
    assert "you deleted it" not in ran.out
    held = [line.split()[1:3] for line in project.git("ls-files", "-u").splitlines()]
    contents = {git(project.root, "cat-file", "-p", oid) for oid, stage in held if stage == "3"}
    assert edited(LINES, 5).rstrip("\n") in contents
    project.git("merge", "--abort")
    assert project.git("rev-parse", "HEAD:f.txt") == mine
    assert project.is_clean()


@pytest.mark.parametrize("shape", [_link, _submodule], ids=lambda shape: shape.__name__.strip("_"))
def test_the_template_deletes_what_is_no_file_any_more(
    tmp_path: Path, shape: Callable[[Project], None]
) -> None:
    """The user decides; the words say what it is."""
    template = plain_template(tmp_path / "t", {"f.txt": LINES, "g.txt": "g\n"})
    project = Project.start(template)
    shape(project)
    template.main("Go", {"f.txt": None})

    ran = project.update("--no-sync", expect=3)

    assert f"you made it {SHAPES[shape]}, and the template deleted it" in ran.out


def test_a_real_deletion_is_still_one(tmp_path: Path) -> None:
    """The file stays deleted, without a conflict."""
    template = plain_template(tmp_path / "t", {"f.txt": LINES})
    project = Project.start(template)
    project.commit("Gone", {"f.txt": None})
    template.main("Change", {"f.txt": edited(LINES, 5)})

    assert "you deleted it" in project.update("--no-sync").out
    assert not project.exists("f.txt")

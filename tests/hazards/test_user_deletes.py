"""The user deletes what the template goes on changing: it stays deleted, and the report says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, edited, plain_template


def test_a_deleted_file_stays_deleted_and_is_named(tmp_path: Path) -> None:
    """A template change to a deleted file is no conflict: the report names it, the rest arrives."""
    template = plain_template(tmp_path, {"gone.txt": LINES, "kept.txt": LINES})
    project = Project.start(template)
    project.commit("Delete", {"gone.txt": None})
    template.main("Change both", {"gone.txt": edited(LINES, 3), "kept.txt": edited(LINES, 3)})
    ran = project.update()
    assert "Kept       gone.txt  (you deleted it" in ran.out
    assert project.paths() == {"kept.txt"}
    assert project.read("kept.txt") == edited(LINES, 3)
    assert project.is_clean()


def test_a_deleted_file_stays_deleted_in_every_later_update(tmp_path: Path) -> None:
    """It does not come back with the second change, nor with the third."""
    template = plain_template(tmp_path, {"gone.txt": LINES, "kept.txt": LINES})
    project = Project.start(template)
    project.commit("Delete", {"gone.txt": None})
    for number in (3, 4, 5):
        template.main(f"Change {number}", {"gone.txt": edited(LINES, number)})
        project.update()
        assert project.paths() == {"kept.txt"}


def test_a_deleted_folder_stays_deleted(tmp_path: Path) -> None:
    """All its files stay deleted, each is named."""
    template = plain_template(tmp_path, {"docs/a.txt": LINES, "docs/b.txt": LINES, "x.txt": "x\n"})
    project = Project.start(template)
    shutil.rmtree(project.root / "docs")
    project.commit("Delete the folder")
    template.main("Change", {f"docs/{n}.txt": edited(LINES, 3) for n in "ab"})
    ran = project.update()
    assert "docs/a.txt  (you deleted it" in ran.out
    assert "docs/b.txt  (you deleted it" in ran.out
    assert not project.exists("docs")


def test_a_deleted_file_that_the_template_renames_stays_deleted(tmp_path: Path) -> None:
    """It does not come back under another name."""
    template = plain_template(tmp_path, {"old.txt": LINES, "x.txt": "x\n"})
    project = Project.start(template)
    project.commit("Delete", {"old.txt": None})
    template.main("Rename", {"old.txt": None, "new.txt": edited(LINES, 3)})
    ran = project.update()
    assert "new.txt  (you deleted it" in ran.out
    assert project.paths() == {"x.txt"}


def test_a_file_deleted_by_both_is_gone_without_a_word(tmp_path: Path) -> None:
    """Both sides agree."""
    template = plain_template(tmp_path, {"old.txt": LINES, "x.txt": "x\n"})
    project = Project.start(template)
    project.commit("Delete", {"old.txt": None})
    template.main("Delete", {"old.txt": None})
    ran = project.update()
    assert "old.txt" not in ran.out
    assert project.paths() == {"x.txt"}


def test_a_deleted_file_beside_a_conflict_stays_deleted(tmp_path: Path) -> None:
    """What has one right answer is settled even when another file waits for the user."""
    template = plain_template(tmp_path, {"gone.txt": LINES, "both.txt": LINES})
    project = Project.start(template)
    project.commit("Mine", {"gone.txt": None, "both.txt": edited(LINES, 3, to="mine")})
    template.main("Change", {"gone.txt": edited(LINES, 3), "both.txt": edited(LINES, 3)})
    project.update(expect=3)
    assert project.unmerged() == {"both.txt"}
    assert not project.exists("gone.txt")


def test_without_resolve_a_deletion_is_left_to_the_user(tmp_path: Path) -> None:
    """`--no-resolve` leaves git's own modify/delete conflict."""
    template = plain_template(tmp_path, {"gone.txt": LINES, "kept.txt": LINES})
    project = Project.start(template)
    project.commit("Delete", {"gone.txt": None})
    template.main("Change", {"gone.txt": edited(LINES, 3)})
    ran = project.update("--no-resolve", expect=3)
    assert "gone.txt  (modify/delete)" in ran.out
    assert project.unmerged() == {"gone.txt"}


@pytest.mark.parametrize("ignored", [True, False])
def test_a_file_that_the_user_keeps_untracked_is_safe(tmp_path: Path, *, ignored: bool) -> None:
    """Taken out of git but left on disk: a template change neither overwrites nor deletes it."""
    template = plain_template(tmp_path, {"local.env": LINES, "x.txt": "x\n"})
    project = Project.start(template)
    project.git("rm", "--quiet", "--cached", "local.env")
    project.git("commit", "--quiet", "-m", "Not in git")
    (project.root / ".git/info/exclude").write_text("local.env\n" if ignored else "")
    project.write({"local.env": "precious\n"})
    template.main("Change", {"local.env": edited(LINES, 3), "x.txt": "y\n"})
    ran = project.refuses("update")
    assert "local.env" in ran.err
    project.refuses("update", "--no-resolve")


def test_a_file_renamed_onto_one_that_the_user_keeps_untracked_is_safe(tmp_path: Path) -> None:
    """A deletion that is kept never deletes what git does not track."""
    template = plain_template(tmp_path, {"old.env": LINES, "x.txt": "x\n"})
    project = Project.start(template)
    project.commit("Delete", {"old.env": None})
    (project.root / ".git/info/exclude").write_text("new.env\n")
    project.write({"new.env": "precious\n"})
    template.main("Rename", {"old.env": None, "new.env": LINES})
    template.main("Rewrite", {"new.env": "other\n" * 40})
    ran = project.refuses("update")
    assert "new.env" in ran.err

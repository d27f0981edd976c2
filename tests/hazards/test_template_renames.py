"""The template renames what the user has changed."""

from __future__ import annotations

from pathlib import Path

from tests.hazards.support import LINES, Project, assert_whole, edited, plain_template

REWRITTEN = "".join(f"other {n}\n" for n in range(1, 61)) + "line 1\nline 2\nline 3\n"


def test_the_users_change_follows_a_renamed_file(tmp_path: Path) -> None:
    """The change is in the file under its new name; the old name is gone."""
    template = plain_template(tmp_path, {"old.txt": LINES})
    project = Project.start(template)
    project.commit("Mine", {"old.txt": edited(LINES, 2, to="mine")})
    template.main("Rename", {"old.txt": None, "new.txt": edited(LINES, 30)})
    project.update()
    assert project.paths() == {"new.txt"}
    assert project.read("new.txt") == edited(edited(LINES, 2, to="mine"), 30)
    assert project.is_clean()


def test_the_users_files_follow_a_renamed_folder(tmp_path: Path) -> None:
    """Changed files and files of the user's own move along with the folder."""
    template = plain_template(tmp_path, {f"old/{n}.txt": f"{n}\n{LINES}" for n in "abc"})
    project = Project.start(template)
    project.commit(
        "Mine", {"old/a.txt": "a\n" + edited(LINES, 2, to="mine"), "old/own.txt": "own\n"}
    )
    template.main(
        "Rename",
        {f"old/{n}.txt": None for n in "abc"} | {f"new/{n}.txt": f"{n}\n{LINES}" for n in "abc"},
    )
    project.update()
    assert project.read("new/a.txt") == "a\n" + edited(LINES, 2, to="mine")
    assert project.read("new/own.txt") == "own\n"
    assert not project.exists("old")


def test_a_file_renamed_and_rewritten_in_the_next_commit_is_followed(tmp_path: Path) -> None:
    """Base and tip have too little in common for git to see a renaming; the commits between tell of it."""
    template = plain_template(tmp_path, {"old.txt": LINES})
    project = Project.start(template)
    project.commit("Mine", {"old.txt": edited(LINES, 2, to="mine")})
    template.main("Rename", {"old.txt": None, "new.txt": LINES})
    template.main("Rewrite", {"new.txt": REWRITTEN})
    ran = project.update()
    assert project.paths() == {"new.txt"}
    assert project.read("new.txt") == REWRITTEN.replace("line 2\n", "mine 2\n")
    assert "new.txt" in ran.out
    assert project.is_clean()
    assert_whole(project.root)


def test_a_file_renamed_twice_and_rewritten_is_followed(tmp_path: Path) -> None:
    """Through every name that it had."""
    template = plain_template(tmp_path, {"old.txt": LINES})
    project = Project.start(template)
    project.commit("Mine", {"old.txt": edited(LINES, 2, to="mine")})
    template.main("Rename", {"old.txt": None, "between.txt": LINES})
    template.main("Rename again", {"between.txt": None, "docs/new.txt": LINES})
    template.main("Rewrite", {"docs/new.txt": REWRITTEN})
    project.update()
    assert project.paths() == {"docs/new.txt"}
    assert project.read("docs/new.txt") == REWRITTEN.replace("line 2\n", "mine 2\n")


def test_a_followed_file_with_a_real_conflict_is_left_to_the_user(tmp_path: Path) -> None:
    """Where the rewriting and the user's change meet, neither is lost, and abort gives back what was."""
    template = plain_template(tmp_path, {"old.txt": LINES})
    project = Project.start(template)
    mine = edited(LINES, 20, to="mine")
    project.commit("Mine", {"old.txt": mine})
    template.main("Rename", {"old.txt": None, "new.txt": LINES})
    template.main("Rewrite", {"new.txt": REWRITTEN})
    ran = project.update(expect=3)
    assert "old.txt" in ran.out
    assert "new.txt" in ran.out
    held = "".join(project.read(path) for path in ("old.txt", "new.txt") if project.exists(path))
    assert "mine 20\n" in held
    assert "other 60\n" in held
    project.git("merge", "--abort")
    assert project.read("old.txt") == mine
    assert project.is_clean()


def test_an_unchanged_file_renamed_and_rewritten_needs_nobody(tmp_path: Path) -> None:
    """Without a change of the user's there is nothing to follow."""
    template = plain_template(tmp_path, {"old.txt": LINES})
    project = Project.start(template)
    template.main("Rename", {"old.txt": None, "new.txt": LINES})
    template.main("Rewrite", {"new.txt": REWRITTEN})
    project.update()
    assert project.paths() == {"new.txt"}
    assert project.read("new.txt") == REWRITTEN


def test_a_deleted_file_that_is_renamed_and_rewritten_stays_deleted(tmp_path: Path) -> None:
    """It does not come back by the back door, and the report names it."""
    template = plain_template(tmp_path, {"old.txt": LINES, "x.txt": "x\n"})
    project = Project.start(template)
    project.commit("Delete", {"old.txt": None})
    template.main("Rename", {"old.txt": None, "new.txt": LINES})
    template.main("Rewrite", {"new.txt": REWRITTEN})
    ran = project.update()
    assert "Kept       new.txt  (you deleted it" in ran.out
    assert project.paths() == {"x.txt"}
    assert project.is_clean()


def test_a_new_file_beside_a_deleted_one_arrives(tmp_path: Path) -> None:
    """Only what the template's commits call a renaming counts as one."""
    template = plain_template(tmp_path, {"old.txt": LINES, "x.txt": "x\n"})
    project = Project.start(template)
    project.commit("Delete", {"old.txt": None})
    template.main("Delete, and another file", {"old.txt": None, "new.txt": REWRITTEN})
    project.update()
    assert project.read("new.txt") == REWRITTEN


def test_without_resolve_nothing_is_followed(tmp_path: Path) -> None:
    """`--no-resolve` leaves git's own modify/delete conflict."""
    template = plain_template(tmp_path, {"old.txt": LINES})
    project = Project.start(template)
    project.commit("Mine", {"old.txt": edited(LINES, 2, to="mine")})
    template.main("Rename", {"old.txt": None, "new.txt": LINES})
    template.main("Rewrite", {"new.txt": REWRITTEN})
    project.update("--no-resolve", expect=3)
    assert project.unmerged() == {"old.txt"}
    assert project.read("new.txt") == REWRITTEN

"""The user renames what the template goes on changing."""

from __future__ import annotations

from pathlib import Path

from tests.hazards.support import LINES, Project, edited, plain_template


def test_a_template_change_follows_a_file_that_the_user_renamed(tmp_path: Path) -> None:
    """The change arrives in the file under the user's name, and the old name does not come back."""
    template = plain_template(tmp_path, {"old.txt": LINES})
    project = Project.start(template)
    project.git("mv", "old.txt", "mine.txt")
    project.commit("Rename", {"mine.txt": edited(LINES, 2, to="mine")})
    template.main("Change", {"old.txt": edited(LINES, 30)})
    project.update()
    assert project.read("mine.txt") == edited(edited(LINES, 2, to="mine"), 30)
    assert project.paths() == {"mine.txt"}
    assert project.is_clean()


def test_a_template_change_follows_a_folder_that_the_user_renamed(tmp_path: Path) -> None:
    """Changes arrive in the renamed folder, and so do files that the template adds to the old one."""
    template = plain_template(tmp_path, {f"old/{n}.txt": f"{n}\n{LINES}" for n in "abc"})
    project = Project.start(template)
    project.git("mv", "old", "mine")
    project.commit("Rename the folder")
    template.main("Change", {"old/a.txt": "a\n" + edited(LINES, 30), "old/new.txt": "new\n"})
    project.update()
    assert project.read("mine/a.txt") == "a\n" + edited(LINES, 30)
    assert project.read("mine/new.txt") == "new\n"
    assert not project.exists("old")
    assert project.is_clean()


def test_an_untracked_file_in_the_way_of_a_renamed_folder_is_safe(tmp_path: Path) -> None:
    """A new file that would land in the user's renamed folder, upon one that git does not track, is refused."""
    template = plain_template(tmp_path, {f"old/{n}.txt": f"{n}\n{LINES}" for n in "abc"})
    project = Project.start(template)
    project.git("mv", "old", "mine")
    project.commit("Rename the folder")
    project.write({"mine/new.txt": "precious\n"})
    template.main("Add", {"old/new.txt": "new\n"})
    ran = project.refuses("update")
    assert "mine/new.txt" in ran.err


def test_both_rename_a_file_alike(tmp_path: Path) -> None:
    """The same renaming on both sides is one renaming, and both changes are in."""
    template = plain_template(tmp_path, {"old.txt": LINES})
    project = Project.start(template)
    project.git("mv", "old.txt", "new.txt")
    project.commit("Rename", {"new.txt": edited(LINES, 2, to="mine")})
    template.main("Rename", {"old.txt": None, "new.txt": edited(LINES, 30)})
    project.update()
    assert project.paths() == {"new.txt"}
    assert project.read("new.txt") == edited(edited(LINES, 2, to="mine"), 30)


def test_both_rename_a_file_otherwise(tmp_path: Path) -> None:
    """Two different names are a question for the user: no name and no content is lost."""
    template = plain_template(tmp_path, {"old.txt": LINES})
    project = Project.start(template)
    project.git("mv", "old.txt", "mine.txt")
    project.commit("Rename", {"mine.txt": edited(LINES, 2, to="mine")})
    template.main("Rename", {"old.txt": None, "theirs.txt": edited(LINES, 30)})
    ran = project.update(expect=3)
    assert "mine.txt" in ran.out
    assert "theirs.txt" in ran.out
    assert "mine 2\n" in project.read("mine.txt")
    project.git("merge", "--abort")
    assert project.is_clean()


def test_a_renamed_file_is_followed_update_after_update(tmp_path: Path) -> None:
    """The second update after a renaming finds the file as the first one did."""
    template = plain_template(tmp_path, {"old.txt": LINES})
    project = Project.start(template)
    project.git("mv", "old.txt", "mine.txt")
    project.commit("Rename")
    for number in (10, 20, 30):
        template.main(f"Change {number}", {"old.txt": edited(LINES, *range(10, number + 1, 10))})
        project.update()
    assert project.read("mine.txt") == edited(LINES, 10, 20, 30)
    assert project.paths() == {"mine.txt"}


def test_a_file_that_was_only_moved_goes_with_the_templates(tmp_path: Path) -> None:
    """The report says why, and no more than that."""
    template = plain_template(tmp_path, {"a/one.txt": LINES, "a/two.txt": edited(LINES, 1, 2, 3)})
    project = Project.start(template)
    project.git("mv", "a", "b")
    project.commit("Move")
    template.main("One goes", {"a/one.txt": None})

    ran = project.update()

    assert project.paths() == {"b/two.txt"}
    assert "Settled    b/one.txt:1  (you only moved it)" in ran.out

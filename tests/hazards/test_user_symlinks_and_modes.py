"""The user turns a file into a symbolic link, or changes its mode; so does the template."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, edited, in_template, plain_template
from tests.support.git import tree


def executable(project: Project, path: str) -> bool:
    return tree(project.root)[path][0] == "100755" and os.access(project.root / path, os.X_OK)


def test_a_file_that_the_user_made_a_link_is_never_written_through(tmp_path: Path) -> None:
    """The template's change is a conflict; what the link leads to stays as it is."""
    template = plain_template(tmp_path, {"conf.txt": LINES})
    project = Project.start(template)
    (project.root / "real.txt").write_text("precious\n")
    (project.root / "conf.txt").unlink()
    (project.root / "conf.txt").symlink_to("real.txt")
    head = project.commit("A link instead")
    template.main("Change", {"conf.txt": edited(LINES, 3)})
    ran = project.update(expect=3)
    assert "conf.txt" in ran.out
    assert project.read("real.txt") == "precious\n"
    project.git("merge", "--abort")
    assert project.git("rev-parse", "HEAD") == head
    assert (project.root / "conf.txt").is_symlink()
    assert project.is_clean()


def test_a_link_of_the_user_where_the_template_changes_nothing_stays(tmp_path: Path) -> None:
    """An update of other files leaves the link alone."""
    template = plain_template(tmp_path, {"conf.txt": LINES, "x.txt": "x\n"})
    project = Project.start(template)
    (project.root / "conf.txt").unlink()
    (project.root / "conf.txt").symlink_to("x.txt")
    project.commit("A link instead")
    template.main("Change", {"x.txt": "y\n"})
    project.update()
    assert (project.root / "conf.txt").readlink() == Path("x.txt")
    assert project.read("x.txt") == "y\n"


def test_a_folder_of_the_user_that_is_a_link_is_never_written_through(tmp_path: Path) -> None:
    """A folder turned into a link that leads out of the repository: nothing is written where it leads."""
    template = plain_template(tmp_path, {"docs/a.txt": LINES, "x.txt": "x\n"})
    project = Project.start(template)
    outside = tmp_path / "outside"
    (project.root / "docs").rename(outside)
    (project.root / "docs").symlink_to(outside)
    project.commit("The folder lies elsewhere")
    template.main("Add", {"docs/new.txt": "new\n", "x.txt": "y\n"})
    ran = project.update(expect=3)
    assert "docs" in ran.out
    assert {path.name for path in outside.iterdir()} == {"a.txt"}
    assert (outside / "a.txt").read_text() == LINES


def test_the_users_mode_and_the_templates_change_are_both_kept(tmp_path: Path) -> None:
    """A file made executable stays so when its content is updated."""
    template = plain_template(tmp_path, {"run.sh": LINES})
    project = Project.start(template)
    (project.root / "run.sh").chmod(0o755)
    project.commit("Executable")
    template.main("Change", {"run.sh": edited(LINES, 3)})
    project.update()
    assert executable(project, "run.sh")
    assert project.read("run.sh") == edited(LINES, 3)


def test_the_templates_mode_and_the_users_change_are_both_kept(tmp_path: Path) -> None:
    """A file that the template makes executable becomes so with the user's content."""
    template = plain_template(tmp_path, {"run.sh": LINES})
    project = Project.start(template)
    project.commit("Mine", {"run.sh": edited(LINES, 3, to="mine")})
    in_template(template, "run.sh").chmod(0o755)
    template.main("Executable", {})
    project.update()
    assert executable(project, "run.sh")
    assert project.read("run.sh") == edited(LINES, 3, to="mine")


@pytest.mark.parametrize("who", ["user", "template"])
def test_a_mode_survives_a_settled_conflict(tmp_path: Path, who: str) -> None:
    """Where both insert lines and one side changes the mode, the settled file has the new mode."""
    text = "a = 1\nb = 2\n"
    template = plain_template(tmp_path, {"run.py": text})
    project = Project.start(template)
    project.write({"run.py": text + "mine = 1\n"})
    template_file = in_template(template, "run.py")
    (project.root / "run.py" if who == "user" else template_file).chmod(0o755)
    project.commit("Mine")
    template.main("Theirs", {"run.py": text + "theirs = 1\n"})
    ran = project.update()
    assert "Settled" in ran.out
    assert executable(project, "run.py")
    assert "mine = 1\n" in project.read("run.py")
    assert "theirs = 1\n" in project.read("run.py")


def test_a_mode_that_the_template_takes_back_goes(tmp_path: Path) -> None:
    """Executable, then not: an unedited project follows."""
    template = plain_template(tmp_path, {})
    in_template(template, "run.sh").parent.mkdir(exist_ok=True)
    in_template(template, "run.sh").write_text(LINES)
    in_template(template, "run.sh").chmod(0o755)
    template.main("Executable", {})
    project = Project.start(template)
    assert executable(project, "run.sh")
    in_template(template, "run.sh").chmod(0o644)
    template.main("Not executable", {})
    project.update()
    assert not executable(project, "run.sh")


def test_links_of_the_template_stay_links(tmp_path: Path) -> None:
    """A link is a link with a rendered target, in the first render and when an update moves it."""
    template = plain_template(tmp_path, {"a.txt": "a\n", "b.txt": "b\n"})
    in_template(template, "link").symlink_to("a.txt")
    template.main("Link", {})
    project = Project.start(template)
    assert (project.root / "link").readlink() == Path("a.txt")
    in_template(template, "link").unlink()
    in_template(template, "link").symlink_to("{{ 'b' }}.txt")
    template.main("Move the link", {})
    project.update()
    assert (project.root / "link").readlink() == Path("b.txt")
    assert tree(project.root)["link"][0] == "120000"


def test_both_make_a_link_of_a_file(tmp_path: Path) -> None:
    """Two links to different places are a conflict; to the same place they are one."""
    template = plain_template(tmp_path, {"a.txt": "a\n", "b.txt": "b\n", "x": "x\n", "y": "y\n"})
    project = Project.start(template)
    for folder, target in ((project.root, "a.txt"), (in_template(template, "."), "b.txt")):
        for name in "xy":
            (folder / name).unlink()
        (folder / "x").symlink_to("a.txt")
        (folder / "y").symlink_to(target)
    project.commit("Links")
    template.main("Links", {})
    project.update(expect=3)
    assert project.unmerged() == {"y"}
    assert (project.root / "y").readlink() == Path("a.txt")


@pytest.mark.parametrize("name", [".aegis", ".aegis/project.yml"])
def test_state_behind_a_link_is_told_as_that(tmp_path: Path, name: str) -> None:
    """Where it leads is said, and that there is to be no link; once there is none, all goes on."""
    project = Project.start(plain_template(tmp_path, {"a.txt": "a\n"}))
    place = project.root / name
    place.rename(project.root / "elsewhere")
    place.symlink_to(os.path.relpath(project.root / "elsewhere", place.parent))
    project.commit("A link instead")

    for command in ("status", "update", "diff"):
        said = project.refuses(command).err
        assert "is a symbolic link to" in said
        assert f"rm {place}" in said

    place.unlink()
    (project.root / "elsewhere").rename(place)
    project.commit("No link")
    project.update()

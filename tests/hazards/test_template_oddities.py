"""Odd but legal templates: submodules, conditional files, two files for one place, executables."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, edited, in_template, plain_template
from tests.support.git import git, tree
from tests.support.template import TOP

CONDITIONAL = "{% if cookiecutter.docs == 'y' %}docs.txt{% endif %}"


def test_a_submodule_of_the_template_is_left_out(tmp_path: Path) -> None:
    """Cookiecutter would see an empty folder; so do we, now and when it moves."""
    template = plain_template(tmp_path, {"x.txt": LINES})

    def submodule(oid: str) -> None:
        git(template.path, "update-index", "--add", "--cacheinfo", f"160000,{oid},{TOP}/sub")
        git(template.path, "commit", "--quiet", "-m", "Submodule")
        (template.path / TOP / "sub").mkdir(exist_ok=True)

    submodule("1" * 40)
    project = Project.start(template)
    assert project.paths() == {"x.txt"}
    submodule("2" * 40)
    git(template.path, "update-index", "--add", "--cacheinfo", f"160000,{'2' * 40},{TOP}/sub")
    (template.path / TOP / "x.txt").write_text(edited(LINES, 3))
    git(template.path, "commit", "--quiet", "-m", "Change", "--", f"{TOP}/x.txt")
    project.update()
    assert project.paths() == {"x.txt"}
    assert project.read("x.txt") == edited(LINES, 3)


def test_a_submodule_of_the_user_is_left_alone(tmp_path: Path) -> None:
    """An update changes nothing about it."""
    template = plain_template(tmp_path, {"x.txt": LINES})
    project = Project.start(template)
    other = tmp_path / "other"
    git(tmp_path, "init", "--quiet", "other")
    git(other, "commit", "--quiet", "--allow-empty", "-m", "Start")
    project.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "vendored"
    )
    project.commit("A submodule")
    (project.root / "vendored" / "dirt.txt").write_text("dirt\n")
    template.main("Change", {"x.txt": edited(LINES, 3)})
    project.update()
    assert tree(project.root)["vendored"][0] == "160000"
    assert (project.root / "vendored" / "dirt.txt").exists()


def test_a_file_whose_name_renders_to_nothing_is_not_there(tmp_path: Path) -> None:
    """And comes, and goes again, with the answer."""
    template = plain_template(tmp_path, {"x.txt": LINES, CONDITIONAL: "docs\n"}, docs=["n", "y"])
    project = Project.start(template)
    assert project.paths() == {"x.txt"}
    project.update("--set", "docs=y")
    assert project.paths() == {"x.txt", "docs.txt"}
    template.main("Change", {CONDITIONAL: "more docs\n"})
    project.update()
    assert project.read("docs.txt") == "more docs\n"
    project.update("--set", "docs=n")
    assert project.paths() == {"x.txt"}


def test_a_folder_whose_name_renders_to_nothing(tmp_path: Path) -> None:
    """As stock Cookiecutter does, whatever that is: a clean update either way, with nothing outside."""
    folder = "{% if cookiecutter.docs == 'y' %}docs{% endif %}"
    template = plain_template(tmp_path, {"x.txt": LINES, f"{folder}/a.txt": "a\n"}, docs=["y", "n"])
    project = Project.start(template)
    assert project.paths() == {"x.txt", "docs/a.txt"}
    before = {p.name for p in tmp_path.iterdir()}
    project.run("update", "--set", "docs=n", expect=1)
    assert {p.name for p in tmp_path.iterdir()} == before
    assert project.is_clean()


def test_two_files_for_one_place_are_as_stock_cookiecutter_has_them(tmp_path: Path) -> None:
    """Which of the two it is does not change from render to render, nor with what an update changes."""
    names = "{{ 'same' }}.txt", "{{ 'sa' }}me.txt"
    template = plain_template(tmp_path, {"x.txt": LINES, names[0]: "one\n", names[1]: "two\n"})
    project = Project.start(template)
    first = project.read("same.txt")
    assert first in ("one\n", "two\n")
    template.main("Change both", {names[0]: "one more\n", names[1]: "two more\n"})
    project.update()
    assert project.read("same.txt") == first.replace("\n", " more\n")
    template.main("Only one", {names[0] if first == "one\n" else names[1]: None})
    project.update()
    assert project.read("same.txt") == ("two more\n" if first == "one\n" else "one more\n")


def test_an_executable_file_is_executable(tmp_path: Path) -> None:
    """Rendered or copied, at the start and when it comes with an update."""
    template = plain_template(tmp_path, {"x.txt": LINES}, _copy_without_render=["raw.sh"])

    def executables(*names: str) -> None:
        for name in names:
            in_template(template, name).write_text("#!/bin/sh\n# {{ cookiecutter.project_slug }}\n")
            in_template(template, name).chmod(0o755)
        template.main("Executables", {})

    executables("a.sh", "raw.sh")
    project = Project.start(template)
    executables("b.sh")
    project.update()
    for name in ("a.sh", "raw.sh", "b.sh"):
        assert tree(project.root)[name][0] == "100755"
        assert os.access(project.root / name, os.X_OK)
    assert project.read("a.sh").endswith("# app\n")
    assert project.read("raw.sh").endswith("{{ cookiecutter.project_slug }}\n")


@pytest.mark.parametrize("mask", [0o077, 0o002, 0o777])
def test_the_users_umask_changes_nothing_in_what_is_recorded(tmp_path: Path, mask: int) -> None:
    """Modes in git come from the template, whatever files look like on the way."""
    if mask == 0o777 and os.geteuid() != 0:
        pytest.skip("nobody but root can work with such a umask")
    template = plain_template(tmp_path, {"x.txt": LINES})
    in_template(template, "a.sh").write_text("#!/bin/sh\n")
    in_template(template, "a.sh").chmod(0o755)
    template.main("Executable", {})
    before = os.umask(mask)
    try:
        project = Project.start(template)
    finally:
        os.umask(before)
    modes = {path: mode for path, (mode, _) in tree(project.root).items()}
    assert (modes["x.txt"], modes["a.sh"]) == ("100644", "100755")


def test_a_tracked_file_that_the_project_ignores_is_a_file_like_any_other(tmp_path: Path) -> None:
    """The template brings a .gitignore that names a file of its own: it is there, and is updated."""
    template = plain_template(tmp_path, {".gitignore": "*.log\n"})
    in_template(template, "kept.log").write_text("one\n")
    git(template.path, "add", "--force", "--all", TOP)
    git(template.path, "commit", "--quiet", "-m", "Ignored, and there")
    project = Project.start(template)
    assert project.read("kept.log") == "one\n"
    in_template(template, "kept.log").write_text("two\n")
    template.main("Change", {})
    project.update()
    assert project.read("kept.log") == "two\n"
    assert project.is_clean()

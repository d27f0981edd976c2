"""A project in a folder of a larger repository: nothing around it is ever touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.project import Aegis, ProjectRepo
from tests.support.template import TemplateRepo

AROUND = {
    "docs/guide.md": "theirs\n",
    "app/main.py": "theirs\n",
    "other/x.txt": "x\n",
    ".gitignore": "/scratch/\n",
}


@pytest.fixture
def outer(tmp_path: Path) -> ProjectRepo:
    """A repository with folders of its own, some named as the template names its own."""
    found = ProjectRepo(tmp_path / "outer")
    found.path.mkdir()
    found.git("init", "--quiet")
    found.commit("Start", dict(AROUND))
    return found


def _assert_untouched(outer: ProjectRepo) -> None:
    for path, text in AROUND.items():
        assert outer.read(path) == text
        assert outer.git("show", f"HEAD:{path}") + "\n" == text
    assert outer.dirty() == []


@pytest.mark.parametrize(
    "name", ["part", "my part", "größe", "a.b", "-x", "vendor", "x.lock", "a~b^c"]
)
def test_a_project_lives_in_a_folder(
    story: TemplateRepo, outer: ProjectRepo, tmp_path: Path, name: str
) -> None:
    """Init, add, update and remove work there, whatever the folder's name, and end at the tree of one that is alone."""
    project = ProjectRepo.init(
        story, outer.path, "scheduler", name=name, ref="v0.1.0", project_slug="app"
    )

    done = [project.add("database"), project.update(), project.remove("scheduler")]

    assert [outcome.status for outcome in done] == ["done"] * 3
    assert project.status().tracked
    _assert_untouched(outer)
    alone = ProjectRepo.init(story, tmp_path, "database", name="alone", project_slug="app")
    below = {
        path.removeprefix(f"{name}/"): entry
        for path, entry in outer.tree().items() if path.startswith(f"{name}/")
    }  # fmt: skip
    assert below == alone.tree()


def test_a_folder_whose_name_is_no_text(story: TemplateRepo, outer: ProjectRepo) -> None:
    """Names of folders are bytes, and need not be text in any encoding."""
    place = outer.path / os.fsdecode(b"caf\xe9")
    place.mkdir()
    project = ProjectRepo.init(story, place, ref="v0.1.0")

    assert project.update().status == "done"
    assert project.status().tracked
    _assert_untouched(outer)


def test_a_folder_deep_down(story: TemplateRepo, outer: ProjectRepo) -> None:
    """The project's folder can lie at any depth, and be named from within it."""
    place = outer.path / "services/backend team"
    place.mkdir(parents=True)
    project = ProjectRepo.init(story, place, ref="v0.1.0")

    assert ProjectRepo(project.path / "docs").update().status == "done"

    assert "services/backend team/app/app/health.py" in outer.tree()
    _assert_untouched(outer)


def test_two_projects_in_one_repository(story: TemplateRepo, outer: ProjectRepo) -> None:
    """Each has a history, a version and a stack of its own."""
    one = ProjectRepo.init(story, outer.path, "scheduler", name="one", ref="v0.1.0")
    two = ProjectRepo.init(story, outer.path, "database", name="two", ref="v0.1.0")
    before = {path: entry for path, entry in outer.tree().items() if path.startswith("two/")}

    assert one.update().status == "done"

    assert {p: e for p, e in outer.tree().items() if p.startswith("two/")} == before
    assert (one.status().state.release, two.status().state.release) == ("v0.3.0", "v0.1.0")
    assert set(two.status().state.components) == {"database"}
    assert two.add("redis").status == "done"
    assert two.update("v0.2.0").status == "done"
    outer.git("revert", "--no-edit", "-m1", "HEAD")
    assert two.update().status == "done"
    assert "Line 5, best\n" in two.read("docs/guide.md")
    assert one.update().status == "nothing"
    _assert_untouched(outer)


@pytest.mark.parametrize("name", ["part", "vendor"])
def test_a_project_within_a_project(story: TemplateRepo, project: ProjectRepo, name: str) -> None:
    """The repository's top is a project and a folder of it another one, even where their vendor branches collide."""
    inner = ProjectRepo.init(story, project.path, "redis", name=name, ref="v0.1.0")

    assert project.update().status == "done"
    assert inner.status().state.release == "v0.1.0"
    assert inner.update("v0.2.0").status == "done"
    assert project.add("database").status == "done"

    assert inner.status().tracked
    assert project.status().tracked
    assert project.dirty() == []


def test_changes_elsewhere_do_not_hinder(story: TemplateRepo, outer: ProjectRepo) -> None:
    """Colleagues' unfinished work in other folders stays as it is."""
    project = ProjectRepo.init(story, outer.path, name="part", ref="v0.1.0")
    outer.write({"docs/guide.md": "changed\n", "other/new.txt": "new\n"})

    assert project.update().status == "done"

    assert outer.dirty() == [" M docs/guide.md", "?? other/new.txt"]
    assert outer.read("docs/guide.md") == "changed\n"


def test_a_squashed_init(story: TemplateRepo, outer: ProjectRepo) -> None:
    """The branch on which a project came was squashed: only its own folder is looked at to anchor it."""
    outer.git("checkout", "--quiet", "-b", "start")
    project = ProjectRepo.init(story, outer.path, name="part", ref="v0.1.0")
    outer.git("checkout", "--quiet", "main")
    outer.git("merge", "--quiet", "--squash", "start")
    outer.git("commit", "--quiet", "-m", "A new part")

    assert project.update().status == "done"

    assert "Line 5, best\n" in project.read("docs/guide.md")
    _assert_untouched(outer)


def test_an_ignored_folder_gets_a_repository_of_its_own(
    story: TemplateRepo, outer: ProjectRepo
) -> None:
    """Where the repository around ignores the folder, the project is alone."""
    (outer.path / "scratch").mkdir()
    project = ProjectRepo.init(story, outer.path / "scratch", ref="v0.1.0")

    assert (project.path / ".git").is_dir()
    assert project.update().status == "done"
    _assert_untouched(outer)


def test_a_project_without_git_in_an_ignored_folder(
    story: TemplateRepo, outer: ProjectRepo, aegis: Aegis
) -> None:
    """It is told that the repository around does not hold it."""
    (outer.path / "scratch").mkdir()
    project = ProjectRepo.init(story, outer.path / "scratch", ref="v0.1.0", git=False)

    code, out, err = aegis("update", "--project-path", project.path)

    assert (code, out) == (1, "")
    assert "git init" in err
    _assert_untouched(outer)


def test_a_folder_that_was_renamed(story: TemplateRepo, outer: ProjectRepo) -> None:
    """`git mv` of a whole project: history knows it under another name, `.aegis/` knows enough."""
    ProjectRepo.init(story, outer.path, "scheduler", name="part", ref="v0.1.0")
    outer.git("mv", "part", "renamed")
    outer.commit("Rename")
    project = ProjectRepo(outer.path / "renamed")

    assert project.update().status == "done"

    assert "Line 5, best\n" in project.read("docs/guide.md")
    assert not (outer.path / "part").exists()
    _assert_untouched(outer)


def test_init_refuses_while_something_waits(
    story: TemplateRepo, outer: ProjectRepo, aegis: Aegis
) -> None:
    """A new project in a repository is a merge like any other, and needs the repository ready."""
    outer.write({"other/x.txt": "changed\n"})
    outer.git("add", "--all")
    before = outer.snapshot()

    code, out, err = aegis(
        "init", "part", "-o", outer.path, "--template", story.path, "-y", "--trust"
    )

    assert (code, out) == (1, "")
    assert "other/x.txt" in err
    assert outer.snapshot() == before


def test_init_with_a_hook_that_refuses(
    story: TemplateRepo, outer: ProjectRepo, aegis: Aegis
) -> None:
    """The merge waits whole, the status is 1, and git commit finishes it."""
    hook = outer.path / ".git/hooks/pre-merge-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    code, _, err = aegis(
        "init", "part", "-o", outer.path, "--template", story.path, "-y", "--trust"
    )

    assert (code, "Traceback" in err) == (1, False)
    outer.git("commit", "--quiet", "--no-edit", "--no-verify")
    assert ProjectRepo(outer.path / "part").update().status == "nothing"
    _assert_untouched(outer)

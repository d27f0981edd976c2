"""Removing a component keeps what the user made of it, and it can come back."""

from __future__ import annotations

from pathlib import Path

from tests.hazards.support import Project, assert_whole, files_of
from tests.support.git import tree
from tests.support.template import standard


def test_a_changed_file_of_a_removed_component_stays(tmp_path: Path) -> None:
    """The report names it; unchanged files and the component's parts go."""
    project = Project.start(standard(tmp_path / "template"), "-c", "redis,scheduler,database")
    project.commit("Mine", {"app/redis.py": project.read("app/redis.py") + "mine = 1\n"})
    ran = project.run("remove", "redis")
    assert "Kept       app/redis.py  (you changed it" in ran.out
    assert "mine = 1" in project.read("app/redis.py")
    assert "redis" not in project.read("pyproject.toml")
    assert not project.exists(".aegis/components/redis.yml")
    assert project.is_clean()


def test_files_beside_those_of_a_removed_component_stay(tmp_path: Path) -> None:
    """The user's own files are none of the component's, tracked or not."""
    project = Project.start(standard(tmp_path / "template"), "-c", "redis")
    project.commit("Own", {"app/redis_tools.py": "own = 1\n"})
    project.write({"app/redis_notes.txt": "notes\n"})
    project.run("remove", "redis")
    assert project.exists("app/redis_tools.py")
    assert project.exists("app/redis_notes.txt")
    assert not project.exists("app/redis.py")


def test_add_then_remove_gives_the_tree_before(tmp_path: Path) -> None:
    """To the byte."""
    project = Project.start(standard(tmp_path / "template"), "-c", "redis")
    before = tree(project.root)
    project.run("add", "scheduler,database")
    project.run("remove", "scheduler,database")
    assert tree(project.root) == before
    assert project.is_clean()


def test_a_removed_component_comes_back_with_the_users_changes(tmp_path: Path) -> None:
    """A kept file that is added again is the user's file, or a question; never the template's in silence."""
    project = Project.start(standard(tmp_path / "template"), "-c", "redis")
    mine = project.read("app/redis.py").replace("redis_5 = 5", "redis_5 = 55")
    project.commit("Mine", {"app/redis.py": mine})
    project.run("remove", "redis")
    ran = project.run("add", "redis", expect=3)
    assert "Conflict   app/redis.py" in ran.out
    assert "redis_5 = 55" in project.read("app/redis.py")


def test_a_kept_file_that_the_user_deletes_comes_back_clean(tmp_path: Path) -> None:
    """Once the kept file is gone, adding again is like adding for the first time."""
    project = Project.start(standard(tmp_path / "template"), "-c", "redis")
    original = project.read("app/redis.py")
    before = tree(project.root)
    project.commit("Mine", {"app/redis.py": original + "mine = 1\n"})
    project.run("remove", "redis")
    project.commit("Done with it", {"app/redis.py": None})
    project.run("add", "redis")
    assert project.read("app/redis.py") == original
    assert tree(project.root) == before


def test_removing_and_adding_again_and_again(tmp_path: Path) -> None:
    """Each time the same tree; the user's change of a shared file lives through all of it."""
    project = Project.start(standard(tmp_path / "template"), "-c", "redis")
    project.commit("Mine", {"app/main.py": project.read("app/main.py") + "MINE = 1\n"})
    before = files_of(project.root)
    for _ in range(2):
        project.run("remove", "redis")
        assert not project.exists("app/redis.py")
        project.run("add", "redis")
        assert files_of(project.root) == before
    assert_whole(project.root)


def test_a_deleted_file_of_a_component_stays_deleted_through_removal(tmp_path: Path) -> None:
    """Removing what the user had already deleted is no conflict."""
    project = Project.start(standard(tmp_path / "template"), "-c", "redis")
    project.commit("Delete", {"app/redis.py": None})
    project.run("remove", "redis")
    assert not project.exists("app/redis.py")
    assert project.is_clean()


def test_removing_what_others_require_is_refused(tmp_path: Path) -> None:
    """And says by what."""
    project = Project.start(standard(tmp_path / "template"), "-c", "worker")
    ran = project.refuses("remove", "redis")
    assert "required by worker" in ran.err


def test_a_changed_file_survives_an_update_after_its_component_went(tmp_path: Path) -> None:
    """A kept file is the user's own from then on: updates leave it alone."""
    template = standard(tmp_path / "template")
    project = Project.start(template, "-c", "redis")
    mine = project.read("app/redis.py") + "mine = 1\n"
    project.commit("Mine", {"app/redis.py": mine})
    project.run("remove", "redis")
    template.component("redis", files={"app/redis.py": "ANOTHER = 1\n"})
    template.main("Go on", {"docs/guide.md": "Guide\n"})
    template.release("v0.2.0")
    project.update()
    assert project.read("app/redis.py") == mine
    assert project.is_clean()

"""Clones, teams and lost history, with a component of somebody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis_cli.operations import add, update
from aegis_cli.operations.outcome import Options
from tests.support.git import commit, git
from tests.support.project import VENDOR, ProjectRepo
from tests.support.reporter import Silent
from tests.support.template import TemplateRepo
from tests.support.third_party import ThirdPartyRepo

HOW = Options(sync=False)


def test_two_clones_write_the_same_commits(app: ProjectRepo, notes: ThirdPartyRepo) -> None:
    app.add(notes.address)
    notes.better(1)
    clone = app.clone(app.path.with_name("clone"))
    for each in (app, clone):
        each.update()
    assert clone.git("rev-parse", VENDOR) == app.git("rev-parse", VENDOR)


@pytest.mark.parametrize("how", ["squash", "rebase", "shallow"])
def test_lost_history_is_anchored_again(
    app: ProjectRepo, notes: ThirdPartyRepo, tmp_path: Path, how: str
) -> None:
    start = app.head()
    app.git("checkout", "--quiet", "-b", "topic")
    app.add(notes.address)
    if how == "squash":
        app.git("checkout", "--quiet", "main")
        app.git("merge", "--quiet", "--squash", "topic")
        app.commit("Squashed")
        app.git("branch", "--quiet", "-D", "topic", "aegis/vendor")
    elif how == "rebase":
        app.git("checkout", "--quiet", "main")
        app.commit("Mine", {"mine.txt": "mine\n"})
        app.git("checkout", "--quiet", "topic")
        app.git("rebase", "--quiet", "main")
        assert app.git("merge-base", "main", start) == start
    else:
        app = app.clone(tmp_path / "shallow", "--depth", "1")
    notes.better(1)
    before = app.tree()
    outcome = app.update()
    assert (outcome.status, [c.path for c in outcome.changes if ".aegis" not in c.path]) == (
        "done", ["app/notes.py"],
    )  # fmt: skip
    assert {p for p, e in app.tree().items() if before.get(p) != e} == {
        "app/notes.py", ".aegis/components/notes.yml",
    }  # fmt: skip
    assert app.remove("notes").status == "done"
    assert "notes" not in app.read("pyproject.toml")


def test_a_teammate_updated_and_this_machine_has_not_fetched_that_yet(
    app: ProjectRepo, notes: ThirdPartyRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.add(notes.address)
    clone = app.clone(tmp_path / "clone")
    notes.better(1)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("AEGIS_CACHE_DIR", str(tmp_path / "other machine"))
        clone.update()
    app.git("pull", "--quiet", str(clone.path), "main")
    assert app.add("redis").status == "done"


def test_both_add_it_on_branches_of_their_own(app: ProjectRepo, notes: ThirdPartyRepo) -> None:
    app.git("checkout", "--quiet", "-b", "ann")
    app.add(notes.reference)
    app.git("checkout", "--quiet", "-b", "bob", "main")
    app.add("redis")
    app.git("merge", "--quiet", "--no-edit", "ann", check=False)
    add_outcome = app.git("status", "--porcelain")
    if add_outcome:  # both put lines into the same places
        from aegis_cli.operations.resolve import resolve

        assert resolve(app.path).conflicts == ()
        app.git("commit", "--quiet", "--no-edit")
    notes.better(1)
    assert app.update().status == "done"
    assert {"notes", "redis"} <= app.status().state.components.keys()


def test_without_a_network_what_was_fetched_is_enough(
    app: ProjectRepo, notes: ThirdPartyRepo, tmp_path: Path
) -> None:
    """What was fetched once is enough for all but news, and news say that they are old."""
    app.add(notes.address)
    notes.better(1)
    app.status()
    notes.path.rename(tmp_path / "gone")
    reporter = Silent()
    assert add.add(app.path, ["redis"], None, HOW, reporter).status == "done"
    assert update.update(app.path, HOW, reporter).status == "done"
    assert "notes_1 = 100" in app.read("app/notes.py")


def test_a_reverted_update_comes_again(app: ProjectRepo, notes: ThirdPartyRepo) -> None:
    app.add(notes.address)
    notes.better(1)
    app.update()
    after = app.tree()
    app.git("revert", "--no-edit", "-m1", "HEAD")
    assert "notes_1 = 1\n" in app.read("app/notes.py")
    assert app.update().status == "done"
    assert app.tree() == after


def test_a_project_in_a_subfolder(
    template: TemplateRepo, notes: ThirdPartyRepo, tmp_path: Path
) -> None:
    around = tmp_path / "around"
    around.mkdir()
    git(around, "init", "--quiet")
    commit(around, "Start", {"README.md": "mine\n"})
    project = ProjectRepo.init(template, around, "scheduler", name="api")
    before = project.tree()
    project.add(notes.reference)
    assert f"source: {notes.path}\n" in project.read(".aegis/components/notes.yml")
    notes.better(1)
    assert project.update().status == "done"
    assert "notes_1 = 100" in project.read("app/notes.py")
    project.remove("notes")
    assert project.tree() == before

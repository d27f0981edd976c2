"""Histories that no longer hold the template's commits, or hold them otherwise: the next update comes clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.git import graph
from tests.support.project import VENDOR, Aegis, ProjectRepo
from tests.support.template import TemplateRepo

MINE = {"app/mine.py": "MINE = 1\n", "README.md": "# Mine\n"}


@pytest.fixture
def fresh(story: TemplateRepo, tmp_path: Path) -> dict[str, tuple[str, str]]:
    """What a fresh render of v0.3.0 for the same answers gives."""
    place = tmp_path / "fresh"
    place.mkdir()
    return ProjectRepo.init(story, place, "scheduler").tree()


def _assert_arrived(project: ProjectRepo, fresh: dict[str, tuple[str, str]]) -> None:
    """The project is a fresh v0.3.0 with the user's files on top, with nothing left to do."""
    tree = project.tree()
    assert {path: entry for path, entry in tree.items() if path not in MINE} == {
        path: entry for path, entry in fresh.items() if path not in MINE
    }
    for path, text in MINE.items():
        assert project.git("show", f"HEAD:{path}") + "\n" == text
    assert project.dirty() == []
    assert project.status().tracked
    assert project.update().status == "nothing"


def test_after_a_squash_merge(project: ProjectRepo, fresh: dict[str, tuple[str, str]]) -> None:
    """An update that was merged by `git merge --squash` is known from `.aegis/`; the next one builds upon it."""
    project.commit("Mine", MINE)
    project.git("checkout", "--quiet", "-b", "update")
    project.update("v0.2.0")
    project.git("checkout", "--quiet", "main")
    project.git("merge", "--quiet", "--squash", "update")
    project.git("commit", "--quiet", "-m", "Squashed update")
    project.git("branch", "--quiet", "-D", "update")
    assert not project.status().tracked

    update = project.update()

    assert (update.status, update.conflicts, update.settled) == ("done", (), ())
    assert [commit.subject for commit in update.upstream] == ["guide: better lines 5 and 20"]
    assert "Anchor the project to template v0.2.0" in project.git("log", "--format=%s")
    _assert_arrived(project, fresh)


def test_an_anchor_changes_no_file(project: ProjectRepo) -> None:
    """The anchor's first parent is what HEAD was, and its tree is HEAD's own."""
    project.commit("Mine", MINE)
    project.git("commit", "--quiet", "--amend", "-m", "Mine, better")
    project.git("update-ref", "-d", VENDOR)
    project.git("reset", "--quiet", "--soft", project.git("rev-list", "--max-parents=0", "HEAD"))
    project.git("commit", "--quiet", "--amend", "-m", "One commit")
    before = project.head()

    project.update("v0.2.0")

    anchor = project.git("rev-parse", "HEAD^1")
    assert project.git("rev-parse", f"{anchor}^1") == before
    assert project.git("rev-parse", f"{anchor}^{{tree}}") == project.git(
        "rev-parse", f"{before}^{{tree}}"
    )


def test_after_a_rebase(project: ProjectRepo, fresh: dict[str, tuple[str, str]]) -> None:
    """`git rebase` makes copies of the template's commits; the originals are found again, with their ids."""
    start = project.head()
    project.commit("Mine", MINE)
    project.update("v0.2.0")
    vendor = project.git("rev-parse", VENDOR)
    project.git("rebase", "--quiet", "--force-rebase", start)
    assert project.git("rev-list", "--merges", "HEAD") == ""
    assert not project.status().tracked

    update = project.update()

    assert (update.status, update.conflicts) == ("done", ())
    assert project.git("merge-base", "--is-ancestor", vendor, "HEAD") == ""
    assert project.status().picked == ()
    _assert_arrived(project, fresh)


def test_after_a_cherry_pick_of_the_merge(
    project: ProjectRepo, fresh: dict[str, tuple[str, str]]
) -> None:
    """`git cherry-pick -m1` of an update on another branch is an update there."""
    project.commit("Mine", MINE)
    project.git("branch", "other")
    project.update("v0.2.0")
    update = project.head()
    project.git("checkout", "--quiet", "other")
    project.git("cherry-pick", "-m1", update)

    assert project.update().status == "done"

    _assert_arrived(project, fresh)


def test_a_cherry_picked_vendor_commit(
    project: ProjectRepo, fresh: dict[str, tuple[str, str]]
) -> None:
    """A single vendor commit picked with plain git: the next update passes over it."""
    project.commit("Mine", MINE)
    project.git("branch", "other")
    project.update("v0.2.0")
    fix = project.git("log", "-1", "--format=%H", "--grep=^guide: a better", "HEAD")
    project.git("checkout", "--quiet", "other")
    project.git("cherry-pick", fix)
    assert "Line 5, better\n" in project.read("docs/guide.md")

    update = project.update()

    assert (update.status, update.conflicts) == ("done", ())
    _assert_arrived(project, fresh)


@pytest.mark.parametrize("stale", [False, True], ids=["ref", "stale ref"])
def test_after_a_revert_the_update_comes_again(
    project: ProjectRepo, fresh: dict[str, tuple[str, str]], stale: bool
) -> None:
    """`git revert -m1` takes an update back; git says 'Already up to date' then, but we bring it again."""
    start = project.head()
    project.commit("Mine", MINE)
    before = project.tree()
    project.update("v0.2.0")
    project.git("revert", "--no-edit", "-m1", "HEAD")
    assert project.tree() == before
    if stale:
        project.git("update-ref", VENDOR, start)

    update = project.update("v0.2.0")

    assert (update.status, update.conflicts) == ("done", ())
    assert "Line 5, better\n" in project.read("docs/guide.md")
    assert "app/health.py" in project.tree()
    assert project.update().status == "done"
    _assert_arrived(project, fresh)


def test_a_revert_that_was_reverted(
    project: ProjectRepo, fresh: dict[str, tuple[str, str]]
) -> None:
    """Taken back, and brought again by the user: the next update knows where the project stands."""
    project.commit("Mine", MINE)
    project.update("v0.2.0")
    project.git("revert", "--no-edit", "-m1", "HEAD")
    project.git("revert", "--no-edit", "HEAD")

    update = project.update()

    assert [commit.subject for commit in update.upstream] == ["guide: better lines 5 and 20"]
    _assert_arrived(project, fresh)


def test_a_reverted_component_can_come_again(project: ProjectRepo) -> None:
    """`aegis add` after a revert of `aegis add` brings every file of the component back."""
    project.add("database")
    added = project.tree()
    project.git("revert", "--no-edit", "-m1", "HEAD")
    assert "app/database.py" not in project.tree()

    assert project.add("database").status == "done"

    assert project.tree() == added


def test_after_a_hard_reset(project: ProjectRepo, fresh: dict[str, tuple[str, str]]) -> None:
    """`git reset --hard` past an update leaves the vendor branch too far ahead; nothing is skipped for that."""
    project.commit("Mine", MINE)
    project.update("v0.2.0")
    vendor = project.git("rev-parse", VENDOR)
    project.git("reset", "--quiet", "--hard", "HEAD~1")
    assert project.status().tracked

    assert project.update("v0.2.0").status == "done"

    assert project.git("rev-parse", VENDOR) == vendor
    project.update()
    _assert_arrived(project, fresh)


def test_after_an_abandoned_branch(project: ProjectRepo, fresh: dict[str, tuple[str, str]]) -> None:
    """An update on a branch that was thrown away has never been: the next one brings all of it."""
    project.commit("Mine", MINE)
    project.git("checkout", "--quiet", "-b", "trial")
    project.update("v0.3.0")
    project.git("checkout", "--quiet", "main")
    project.git("branch", "--quiet", "-D", "trial")

    update = project.update()

    assert len(update.upstream) == 5
    _assert_arrived(project, fresh)


def test_an_amended_first_commit(project: ProjectRepo, fresh: dict[str, tuple[str, str]]) -> None:
    """The user amends the commit that `aegis init` made; the vendor commit is written again, with its id."""
    vendor = project.head()
    project.commit("Mine", MINE)
    project.git("reset", "--quiet", "--soft", vendor)
    project.git("commit", "--quiet", "--amend", "-m", "Start")
    project.git("update-ref", "-d", VENDOR)

    assert project.update().status == "done"

    assert project.git("rev-list", "--max-parents=0", "HEAD").split()[-1] in (
        vendor,
        project.head(),
    )
    assert vendor in project.git("rev-list", "HEAD").split()
    _assert_arrived(project, fresh)


def test_an_amended_merge_commit(project: ProjectRepo, fresh: dict[str, tuple[str, str]]) -> None:
    """The user amends the merge that an update made, with a change of their own in it."""
    project.commit("Mine", MINE)
    project.update("v0.2.0")
    project.git("commit", "--quiet", "--amend", "-m", "Update, by me")

    assert project.update().status == "done"
    _assert_arrived(project, fresh)


def test_a_project_made_without_git(
    story: TemplateRepo, tmp_path: Path, fresh: dict[str, tuple[str, str]], aegis: Aegis
) -> None:
    """`--no-git`, then `git init` and a commit: all that aegis does works from there."""
    project = ProjectRepo.init(story, tmp_path, "scheduler", ref="v0.1.0", git=False)
    code, _, said = aegis("update", "--project-path", project.path)
    assert (code, "git init" in said) == (1, True)
    project.git("init", "--quiet")
    code, _, said = aegis("update", "--project-path", project.path)
    assert (code, "git commit" in said) == (1, True)
    project.commit("Start", MINE)

    assert project.update().status == "done"

    _assert_arrived(project, fresh)


def test_a_project_that_is_not_committed_yet(project: ProjectRepo, aegis: Aegis) -> None:
    """A copy of a project in a repository that has not committed it: what to do is told."""
    project.git("checkout", "--quiet", "--orphan", "other")
    project.git("rm", "--quiet", "-r", "--cached", ".")
    project.git("commit", "--quiet", "--allow-empty", "-m", "Empty")

    code, out, said = aegis("update", "--project-path", project.path)

    assert (code, out) == (1, "")
    assert "not committed" in said
    assert "git add" in said


def test_a_state_file_that_was_only_reworded(
    project: ProjectRepo, fresh: dict[str, tuple[str, str]]
) -> None:
    """A formatter took the comments out of `.aegis/`: the state is the same, so nothing has to be anchored."""
    text = project.read(".aegis/project.yml")
    project.commit("Mine", {**MINE, ".aegis/project.yml": text[text.index("\n") + 1 :]})

    update = project.update()

    assert (update.status, update.conflicts) == ("done", ())
    assert "Anchor" not in project.git("log", "--format=%s")
    assert project.status().state.release == "v0.3.0"


def test_history_told_as_a_graph(project: ProjectRepo) -> None:
    """After a squash the anchor ties the project to the template again, and the graph shows it."""
    project.git("checkout", "--quiet", "-b", "update")
    project.update("v0.2.0")
    project.git("checkout", "--quiet", "main")
    project.git("merge", "--quiet", "--squash", "update")
    project.git("commit", "--quiet", "-m", "Squashed update")
    project.git("branch", "--quiet", "-D", "update")
    project.git("update-ref", "-d", VENDOR)

    project.update()

    assert (
        graph(project.path, "--topo-order", "HEAD")
        == """\
*   Update the template to v0.3.0
|\\
| * Template v0.3.0
| * guide: better lines 5 and 20
* | Anchor the project to template v0.2.0
|\\|
| * Template v0.2.0
| * scheduler: job 7
| * health: start
| * main: a greeting
| * guide: a better line 5
* | Squashed update
|/
* Template v0.1.0"""
    )

"""Something is under way already: it is the user's to end, and aegis says how."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aegis_cli.errors import RepositoryState
from tests.support.project import ProjectRepo, Refused


def _diverge(project: ProjectRepo) -> None:
    project.git("checkout", "--quiet", "-b", "other")
    project.commit("Theirs", {"mine.txt": "theirs\n"})
    project.git("checkout", "--quiet", "main")
    project.commit("Mine", {"mine.txt": "mine\n"})


def _merge(project: ProjectRepo) -> None:
    project.git("merge", "--quiet", "other", check=False)


def _clean_merge(project: ProjectRepo) -> None:
    project.git("merge", "--quiet", "--no-commit", "-s", "ours", "other")


def _rebase(project: ProjectRepo) -> None:
    project.git("rebase", "other", check=False)


def _rebase_apply(project: ProjectRepo) -> None:
    project.git("rebase", "--apply", "other", check=False)


def _cherry_pick(project: ProjectRepo) -> None:
    project.git("cherry-pick", "other", check=False)


def _several_picks(project: ProjectRepo) -> None:
    """Two picks, of which the first was committed by hand: no CHERRY_PICK_HEAD is left, but the second waits."""
    project.git("checkout", "--quiet", "other")
    project.commit("Theirs, again", {"other.txt": "theirs\n"})
    project.git("checkout", "--quiet", "main")
    project.git("cherry-pick", "other~1", "other", check=False)
    project.commit("By hand", {"mine.txt": "both\n"})


def _revert(project: ProjectRepo) -> None:
    project.commit("Mine, again", {"mine.txt": "again\n"})
    project.git("revert", "HEAD~1", check=False)


def _patch(project: ProjectRepo) -> None:
    patch = project.git("format-patch", "-1", "--stdout", "other")
    (project.path / ".git/their.patch").write_text(patch + "\n")
    project.git("am", ".git/their.patch", check=False)


def _bisect(project: ProjectRepo) -> None:
    project.commit("Mine, again", {"mine.txt": "again\n"})
    project.git("bisect", "start", "HEAD", "HEAD~2")


def _stash_pop(project: ProjectRepo) -> None:
    project.write({"mine.txt": "stashed\n"})
    project.git("stash", "--quiet")
    project.commit("Other", {"mine.txt": "other\n"})
    project.git("stash", "pop", check=False)


def _index_lock(project: ProjectRepo) -> None:
    (project.path / ".git/index.lock").touch()


WAYS = {
    _merge: "git merge --abort",
    _clean_merge: "git merge --continue",
    _rebase: "git rebase --abort",
    _rebase_apply: "git rebase --abort",
    _cherry_pick: "git cherry-pick --abort",
    _several_picks: "git cherry-pick --continue",
    _revert: "git revert --abort",
    _patch: "git am --abort",
    _bisect: "git bisect reset",
    _stash_pop: "git add",
    _index_lock: "index.lock",
}


@pytest.mark.parametrize("begin", WAYS, ids=lambda way: way.__name__.strip("_"))
@pytest.mark.parametrize(
    "words", [["update"], ["add", "database"], ["pick", "0123456789"]], ids=" ".join
)
def test_nothing_begins_upon_it(
    project: ProjectRepo, refused: Refused, begin: Callable[[ProjectRepo], None], words: list[str]
) -> None:
    """The user hears what is under way and how to end it; the repository stays byte for byte."""
    _diverge(project)
    begin(project)

    assert WAYS[begin] in refused(project, *words)


def test_looking_is_always_possible(project: ProjectRepo) -> None:
    """A status works in the midst of a merge: it looks at HEAD. A dry run says no, as the run does."""
    _diverge(project)
    _merge(project)
    before = project.snapshot(objects=True)

    assert project.status().tracked
    with pytest.raises(RepositoryState, match="a merge under way"):
        project.update(dry_run=True)

    assert project.snapshot(objects=True) == before

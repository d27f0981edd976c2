"""A dry run asks what the run asks, and says no where the run does, with the same words and the same status."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.project import Aegis, ProjectRepo


def _dirty(project: ProjectRepo) -> None:
    project.write({"docs/guide.md": "mine\n"})


def _staged(project: ProjectRepo) -> None:
    project.write({"notes.txt": "mine\n"})
    project.git("add", "notes.txt")


def _untracked(project: ProjectRepo) -> None:
    project.write({"app/health.py": "mine\n"})


def _merging(project: ProjectRepo) -> None:
    project.git("checkout", "-q", "-b", "other")
    project.commit("Theirs", {"mine.txt": "theirs\n"})
    project.git("checkout", "-q", "-")
    project.commit("Mine", {"mine.txt": "mine\n"})
    project.git("merge", "other", check=False)


def _index_lock(project: ProjectRepo) -> None:
    (project.path / ".git/index.lock").touch()


def _hidden(project: ProjectRepo) -> None:
    project.git("update-index", "--assume-unchanged", "docs/guide.md")
    _dirty(project)


def _no_commit(project: ProjectRepo) -> None:
    project.git("checkout", "-q", "--orphan", "new")


@pytest.mark.parametrize(
    "state",
    [_dirty, _staged, _untracked, _merging, _index_lock, _hidden, _no_commit],
    ids=lambda state: state.__name__.strip("_"),
)
@pytest.mark.parametrize("command", ["update", "add database", "remove scheduler", "pick"])
def test_a_dry_run_says_what_the_run_says(
    project: ProjectRepo, aegis: Aegis, state: Callable[[ProjectRepo], None], command: str
) -> None:
    """Nothing is written by it, refused or not."""
    words = command.split()
    if command == "pick":
        words.append(next(c.id for c in project.status().waiting if "health" in c.subject))
    state(project)
    before = project.snapshot(objects=True)

    planned = aegis(*words, "--dry-run", "--project-path", project.path)

    assert project.snapshot(objects=True) == before
    done = aegis(*words, "--project-path", project.path)
    assert planned[0] == done[0]
    if done[0]:
        assert planned[2] == done[2]


def test_init_and_resolve_have_one(project: ProjectRepo, aegis: Aegis, tmp_path: object) -> None:
    """They say what would come, and write nothing."""
    project.commit("Mine", {"app/main.py": project.read("app/main.py") + "MINE = 1\n"})
    assert project.update("v0.2.0", settle=False).status == "conflicts"
    before = project.snapshot(objects=True)

    code, out, _ = aegis("resolve", "--dry-run", "--project-path", project.path)

    assert code == 0
    assert "Settled" in out
    assert "Nothing was changed." in out
    assert project.snapshot() == {k: v for k, v in before.items() if "/objects/" not in k}
    source = project.status().state.source
    code, out, _ = aegis(
        "init", "new", "-y", "--dry-run", "--template", source, "-o", project.path.parent
    )
    assert code == 0
    assert "Would create new" in out
    assert not (project.path.parent / "new").exists()

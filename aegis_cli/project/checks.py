"""What has to hold before anything is written. A dry run asks the same, and so says no where the run does.

A plan is made from HEAD, on a branch, with an index that equals HEAD, and with files as they were. All of it is looked
at twice: when the command starts, and right before the first file is written (`require_unmoved`). Whoever commits,
switches, stages or edits in between keeps what they did; it is the merge that does not happen.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aegis_cli.errors import GitFailed, RepositoryState, listed
from aegis_cli.git.objects import EXECUTABLE, REGULAR
from aegis_cli.git.repository import Repository
from aegis_cli.text import named, quoted

if TYPE_CHECKING:
    from aegis_cli.project.journal import HalfDone
    from aegis_cli.project.plan import MergePlan


@dataclass(frozen=True)
class Place:
    """Where the user is: HEAD's commit, and the full name of the branch (None when detached)."""

    head: str | None
    branch: str | None

    @classmethod
    def of(cls, repository: Repository) -> Place:
        """Look."""
        return cls(repository.head(), repository.branch())


def check_ready(repository: Repository, half_done: HalfDone | None = None) -> None:
    """Raise RepositoryState unless the repository can take a merge.

    Args:
        repository: The user's repository.
        half_done: What a killed run left, where it will be undone first (a dry run only looks at it).
    """
    waiting = repository.under_way()
    if waiting and not (half_done and half_done.is_under_way(repository)):
        what, how = waiting
        look = "See what is left of it: aegis conflicts\n  " if repository.unmerged() else ""
        raise RepositoryState(
            f"There is {what} under way in this repository. Nothing was changed.",
            f"{look}End it first: {how}",
        )
    lock = repository.git_dir / "index.lock"
    if lock.exists() and not half_done:
        raise RepositoryState(
            f"Another git is at work in this repository, or one was killed: there is {lock}."
            " Nothing was changed.",
            f"Wait for it to end. If none runs any more: rm {quoted(lock)}",
        )
    ours = half_done.paths if half_done else frozenset()
    status = repository.status()
    if status.unmerged - ours:
        raise RepositoryState(
            f"There are unresolved conflicts:\n{listed(sorted(status.unmerged))}",
            "Nothing was changed. See what is left: aegis conflicts; edit, then git add and git commit.",
        )
    if status.staged - ours:
        raise RepositoryState(
            f"There are staged changes:\n{listed(sorted(status.staged))}",
            # Before the first commit there is nothing that git could stash them against.
            f"Nothing was changed. Commit them first, or put them aside: {put_aside(repository, status.staged)}"
            if repository.head()
            else "Nothing was changed. Commit them first, or take them out: git rm -r --cached .",
        )


def put_aside(repository: Repository, staged: Collection[str]) -> str:
    """Return the command that puts staged changes aside: `git stash`, or first what that cannot take."""
    stuck = repository.worktree.not_stashed(staged)
    if not stuck:
        return "git stash"
    return f"git -C {quoted(repository.root)} restore --staged {' '.join(map(quoted, stuck))}"


def require_unmoved(repository: Repository, seen: Place, then: str) -> None:
    """Raise RepositoryState if the user has gone elsewhere since `seen`.

    Args:
        repository: The user's repository.
        seen: Where the user was when the plan was made.
        then: What to do now.
    """
    now = Place.of(repository)
    if now == seen:
        return
    if now.branch != seen.branch:
        what = f"this work tree went from {_named(seen)} to {_named(now)}"
    else:
        what = f"{_named(now)} moved from {_short(seen.head)} to {_short(now.head)}"
    raise RepositoryState(f"While aegis was at work, {what}.", then)


def require_landed(repository: Repository, seen: Place, then: str) -> None:
    """Raise RepositoryState if what git has committed went to another branch than it was meant for.

    Args:
        repository: The user's repository.
        seen: Where HEAD was before.
        then: What to do now.
    """
    if seen.branch is not None and repository.ref(seen.branch) == seen.head:
        require_unmoved(repository, Place(repository.head(), seen.branch), then)


def _named(place: Place) -> str:
    return f"'{place.branch.removeprefix('refs/heads/')}'" if place.branch else "a detached HEAD"


def _short(commit: str | None) -> str:
    return commit[:10] if commit else "no commit"


def check_paths(repository: Repository, plan: MergePlan, half_done: HalfDone | None = None) -> None:
    """Raise RepositoryState if the merge would touch what is not committed, or cannot be written where it would go.

    Tracked or not, ignored or not, seen by `git status` or not.
    """
    _check_names(repository, plan)
    ours = half_done.paths if half_done else frozenset()
    hidden = repository.worktree.hidden_changes(plan.paths.keys() - ours)
    if hidden:
        raise RepositoryState(
            "git was told not to look at these files (assume-unchanged or skip-worktree), you changed them,"
            f" and the merge touches them:\n{listed(sorted(hidden))}",
            "Nothing was changed. Have git look again, then commit them or put them aside:"
            f" git update-index --no-assume-unchanged {quoted(min(hidden))}"
            f" && git update-index --no-skip-worktree {quoted(min(hidden))}",
        )
    dirty = sorted((repository.status().changed - ours) & plan.paths.keys())
    if dirty:
        raise RepositoryState(
            f"These files have changes that are not committed, and the merge touches them:\n{listed(dirty)}",
            "Nothing was changed. Commit them first, or put them aside: git stash",
        )
    in_the_way = [path for path in files_in_the_way(repository, plan) if path not in ours]
    if in_the_way:
        raise RepositoryState(
            "The template brings files where you have some that git does not track:\n"
            f"{listed(in_the_way)}",
            "Nothing was changed. Move them, or commit them, then run the same command again.",
        )
    _check_filters(repository, plan)


def files_in_the_way(repository: Repository, plan: MergePlan) -> list[str]:
    """Return what git does not track where the merge brings files."""
    known = _Known(repository, repository.objects.commit(plan.ours).tree)
    found = set()
    # A file that stays deleted counts too: git writes it before we take it away again.
    for path in (path for path, (was, now) in plan.paths.items() if was is None and now):
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            ancestor = "/".join(parts[:depth])
            place = repository.root / ancestor
            is_last = depth == len(parts)
            if not is_last and place.is_dir() and not place.is_symlink():
                continue
            tracked = known.has(ancestor)
            if os.path.lexists(place) and not tracked:
                found.add(ancestor)
            elif is_last and tracked and place.is_dir():
                found.update(repository.worktree.untracked_below(ancestor))
            break
    return sorted(found)


def occupied(root: Path, paths: Iterable[str]) -> list[str]:
    """Return what is there where files are to come, in a folder of which nothing is tracked."""
    found = set()
    for path in paths:
        parts = path.split("/")
        for ancestor in ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1)):
            place = root / ancestor
            if ancestor == path or place.is_symlink() or not place.is_dir():
                found.update([ancestor] if os.path.lexists(place) else [])
                break
    return sorted(found)


class _Known:
    """Which paths HEAD has; where case does not count, in any case."""

    def __init__(self, repository: Repository, tree: str) -> None:
        self._objects, self._tree = repository.objects, tree
        self._folded = (
            _folded(self._objects.files(tree)) if repository.worktree.ignores_case else None
        )

    def has(self, path: str) -> bool:
        if self._folded is not None:
            return path.casefold() in self._folded
        return self._objects.entry(self._tree, path) is not None


def _folded(paths: Iterable[str]) -> set[str]:
    """Return files and their folders, without what case tells."""
    found: set[str] = set()
    for path in paths:
        parts = path.casefold().split("/")
        found.update("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    return found


def _check_names(repository: Repository, plan: MergePlan) -> None:
    """Raise RepositoryState for files that this disk cannot hold: git would stop in the midst of writing."""
    settled = [path for path, file in plan.settled_files.items() if file]
    written = [path for path, (_, now) in plan.paths.items() if now]
    check_lengths(repository.root, [*written, *settled])
    if repository.worktree.ignores_case:
        gone = {path for path, file in plan.settled_files.items() if file is None}
        files = {*repository.objects.files(plan.tree), *settled} - gone
        check_case(files, {path for path, (was, _) in plan.paths.items() if was is None})


def _check_filters(repository: Repository, plan: MergePlan) -> None:
    """Raise RepositoryState if a filter of the user's does not work: git would stop in the midst of writing."""
    written = {
        path: now[1] for path, (_, now) in plan.paths.items() if now and now[0] in (REGULAR, EXECUTABLE)
    }  # fmt: skip
    for driver, path in repository.worktree.filters(written).items():
        try:
            repository.worktree.as_in_worktree(path, written[path])
        except GitFailed as error:
            raise RepositoryState(
                f"git cannot write {named(path)}, for its filter {named(driver)} fails: {error.said}",
                "Nothing was changed. Put that right, then run the same command again. What the filter runs:"
                f" git config --get-regexp {quoted(f'^filter[.]{driver}[.]')}",
            ) from error


def check_case(files: Iterable[str], brought: Collection[str]) -> None:
    """Raise RepositoryState if some of the files that come differ from others in upper and lower case only."""
    names: dict[str, list[str]] = {}
    for path in sorted(files):
        names.setdefault(path.casefold(), []).append(path)
    clashes = [same for same in names.values() if len(same) > 1 and set(same) & set(brought)]
    if clashes:
        raise RepositoryState(
            "These files differ in upper and lower case only, and would be one file on this disk:\n"
            f"{listed([' and '.join(same) for same in clashes])}",
            "Nothing was changed. If one of them is yours, rename it and commit;"
            " otherwise tell the authors of the template.",
        )


def check_lengths(root: Path, paths: Iterable[str]) -> None:
    """Raise RepositoryState for paths that are too long for the disk that a folder is on."""
    longest, longest_name = os.pathconf(root, "PC_PATH_MAX"), os.pathconf(root, "PC_NAME_MAX")
    # git and we both write under a longer name before a file gets its own.
    room = longest - len(os.fsencode(root)) - len("/.aegis-new.lock") - 1
    wrong = [
        path for path in sorted(paths)
        if len(os.fsencode(path)) > room
        or any(len(os.fsencode(name)) > longest_name for name in path.split("/"))
    ]  # fmt: skip
    if wrong:
        shown = [path if len(path) < 100 else f"{path[:97]}..." for path in wrong]
        raise RepositoryState(
            f"The template brings files whose paths are too long for this disk:\n{listed(shown)}",
            "Nothing was changed. If an answer of yours is a part of them, give a shorter one:"
            " --set KEY=VALUE",
        )

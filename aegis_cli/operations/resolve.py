"""`aegis resolve`: settle what has one right answer in a merge, rebase or cherry-pick that the user began.

When two people each add a component on a branch of their own, both put lines into the same places of shared files. Git
sees two insertions at one line; the rules of our own merges know what to do with them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from aegis_cli.errors import RepositoryState, listed
from aegis_cli.git.objects import Entry
from aegis_cli.git.repository import Repository
from aegis_cli.interruption import saying
from aegis_cli.operations.opening import repository_around
from aegis_cli.project.lock import locked
from aegis_cli.project.plan import Conflict
from aegis_cli.project.planning import NOT_BY_LINES
from aegis_cli.project.settle import Doubt, SettledHunk, settle, unknown_rules
from aegis_cli.project.state import is_some_state


@dataclass(frozen=True)
class Resolved:
    """What became of the conflicts.

    Attributes:
        settled: The hunks that were settled.
        conflicts: What is left to the user.
        finish: The command that ends what is under way.
        doubts: What came from both sides, at two places, and may be meant once.
        dry_run: Nothing was written.
        notes: What else the user should know.
    """

    settled: tuple[SettledHunk, ...]
    conflicts: tuple[Conflict, ...]
    finish: str
    doubts: tuple[Doubt, ...] = ()
    dry_run: bool = False
    notes: tuple[str, ...] = ()


def resolve(folder: Path, *, dry_run: bool = False) -> Resolved:
    """Settle the conflicts of a repository that have one right answer, in the index and in the work tree.

    Args:
        folder: A folder in it.
        dry_run: Only say what would be settled.

    Raises:
        RepositoryState: There are no conflicts.
        NotAProject: The folder is in no repository.
    """
    with closing(repository_around(folder)) as repository, locked(repository.common_dir):
        return _resolve(repository, dry_run=dry_run)


def _resolve(repository: Repository, *, dry_run: bool) -> Resolved:
    stages = repository.unmerged()
    if not stages:
        raise RepositoryState(
            "There are no conflicts here.", "See where the project stands: aegis status"
        )
    waiting = repository.under_way()
    settled: list[SettledHunk] = []
    doubts: list[Doubt] = []
    conflicts: list[Conflict] = []
    written: dict[str, Entry | None] = {}
    partial: dict[str, Entry] = {}
    outside = repository.worktree.out_of_line_merging(stages)
    for path, sides in sorted(stages.items()):
        why = _why_not(repository, path, sides, outside)
        found = None if why else settle(repository, path, sides, "theirs")
        if found is None:
            conflicts.append(Conflict(path, 1, why or "content"))
            continue
        settled += found.hunks
        doubts += found.doubts
        if found.left:
            conflicts.append(Conflict(path, found.left, "content"))
            if found.hunks:
                partial[path] = found.mode, repository.write_blob(found.content)
            continue
        written[path] = found.file and (found.mode, repository.write_blob(found.content))
    if not dry_run:
        _write(repository, stages, written, partial)
    finish = waiting[1] if waiting else "git commit"
    return Resolved(
        tuple(settled), tuple(conflicts), finish, tuple(doubts), dry_run, unknown_rules(repository)
    )


def _write(
    repository: Repository,
    stages: Mapping[str, Mapping[int, Entry]],
    written: Mapping[str, Entry | None],
    partial: Mapping[str, Entry],
) -> None:
    """Write what was settled, if the conflicts and their files are still as they were looked at."""
    now = repository.unmerged()
    moved = [
        path for path in (*written, *partial)
        if now.get(path) != stages[path] or not repository.is_as_merged(path)
    ]  # fmt: skip
    if moved:
        raise RepositoryState(
            f"While aegis was at work, these files were changed:\n{listed(sorted(moved))}",
            "Nothing was changed. Run the same command again.",
        )
    with saying(lambda: ("Some of the conflicts may be settled, the others wait.", "git status")):
        repository.worktree.write_files(partial)
        repository.worktree.set_files(written)


def _why_not(
    repository: Repository, path: str, sides: Mapping[int, Entry], outside: Collection[str]
) -> str:
    """Return why a file is left alone; empty if it is not."""
    if path in outside:
        return NOT_BY_LINES
    if is_some_state(path):
        return "the project's state: take one side, then aegis update"
    if not {2, 3} <= sides.keys():
        return "one side deleted it"
    if not repository.is_as_merged(path):
        return "you have begun on it"
    return ""

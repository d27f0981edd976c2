"""`aegis resolve`: settle what has one right answer in a merge, rebase or cherry-pick that the user began.

When two people each add a component on a branch of their own, both put lines into the same places of shared files. Git
sees two insertions at one line; the rules of our own merges know what to do with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aegis_cli.errors import NotAProject, RepositoryState
from aegis_cli.git.objects import Entry
from aegis_cli.git.repository import Repository
from aegis_cli.project.lock import locked
from aegis_cli.project.plan import Conflict, SettledHunk
from aegis_cli.project.settle import settle
from aegis_cli.project.state import FOLDER


@dataclass(frozen=True)
class Resolved:
    """What became of the conflicts.

    Attributes:
        settled: The hunks that were settled.
        conflicts: What is left to the user.
        finish: The command that ends what is under way.
    """

    settled: tuple[SettledHunk, ...]
    conflicts: tuple[Conflict, ...]
    finish: str


def resolve(folder: Path) -> Resolved:
    """Settle the conflicts of a repository that have one right answer, in the index and in the work tree.

    Raises:
        RepositoryState: There are no conflicts.
        NotAProject: The folder is in no repository.
    """
    repository = Repository.containing(folder.resolve())
    if repository is None:
        raise NotAProject(f"'{folder}' is not in a git repository.", "Name it: --project-path PATH")
    try:
        with locked(repository.common_dir):
            return _resolve(repository)
    finally:
        repository.close()


def _resolve(repository: Repository) -> Resolved:
    stages = repository.unmerged()
    if not stages:
        raise RepositoryState(
            "There are no conflicts here.", "See where the project stands: aegis status"
        )
    waiting = repository.under_way()
    settled: list[SettledHunk] = []
    conflicts: list[Conflict] = []
    written: dict[str, Entry | None] = {}
    for path, sides in sorted(stages.items()):
        why = _why_not(repository, path, sides)
        found = None if why else settle(repository, path, sides, "theirs")
        if found is None:
            conflicts.append(Conflict(path, 1, why or "content"))
            continue
        settled += [SettledHunk(path, line, rule) for line, rule in found.hunks]
        if found.left:
            conflicts.append(Conflict(path, found.left, "content"))
            if found.hunks:
                (repository.root / path).write_bytes(found.content)
            continue
        written[path] = found.file and (found.mode, repository.write_blob(found.content))
    repository.set_index(written)
    return Resolved(tuple(settled), tuple(conflicts), waiting[1] if waiting else "git commit")


def _why_not(repository: Repository, path: str, sides: Mapping[int, Entry]) -> str:
    """Return why a file is left alone; empty if it is not."""
    if f"/{FOLDER}/" in f"/{path}":
        return "the project's state: take one side, then aegis update"
    if not {2, 3} <= sides.keys():
        return "one side deleted it"
    if not repository.is_as_merged(path):
        return "you have begun on it"
    return ""

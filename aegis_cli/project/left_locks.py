"""The lock files, and the like, that a killed git left in a repository."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from aegis_cli.errors import RepositoryState
from aegis_cli.git import at_work
from aegis_cli.git.repository import Repository
from aegis_cli.text import quoted


def left(repository: Repository, refs: Iterable[str], begun: float) -> list[Path]:
    """Return the files that may go. Our own lock is held, which says that no git of ours runs any more.

    Args:
        repository: The user's repository.
        refs: Full names of the refs that were to move.
        begun: When the killed run began to write, in seconds since the epoch: what is older is not of it.

    Raises:
        RepositoryState: Another git is at work.
    """
    index = repository.git_dir / "index"
    places = [index, *(repository.git_dir / name for name in ("HEAD", "ORIG_HEAD", "AUTO_MERGE"))]
    places += [repository.common_dir / ref for ref in (*refs, "packed-refs")]
    found: list[Path] = []
    for place in places:
        lock = place.with_name(f"{place.name}.lock")
        with suppress(FileNotFoundError):
            if lock.stat().st_mtime < begun:
                continue
            if (place == index and at_work.is_whole(lock)) or _is_anyone_at_work(repository):
                raise RepositoryState(
                    f"A merge was left half done by a kill, and another git has begun since: there is {lock}.",
                    "Nothing was touched. Let it end, then run the same command again."
                    f" If none runs: rm {quoted(lock)}",
                )
            found.append(lock)
    return found + _indexes_of_stash(repository, begun)


def _indexes_of_stash(repository: Repository, begun: float) -> list[Path]:
    """Return the indexes of the stash that `git merge` makes first. They bear a process's number, and lock nobody."""
    found = [p for p in repository.git_dir.glob("index.stash.*") if p.stat().st_mtime >= begun]
    return found if found and not _is_anyone_at_work(repository) else []


def _is_anyone_at_work(repository: Repository) -> bool:
    return at_work.is_anyone((repository.root, repository.git_dir))

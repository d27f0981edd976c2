"""Git's memory of resolutions (`git rerere`): a conflict that was resolved once is resolved like that again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from aegis_cli.git.repository import Repository

FOLDER = "rr-cache"


def recorded(repository: Repository) -> Path:
    """Return the folder in which git keeps resolutions; the work trees of a repository share it."""
    return repository.common_dir / FOLDER


def is_on(repository: Repository) -> bool:
    """Return whether git is to remember: as set, else where it has the folder for it (git-config, `rerere.enabled`)."""
    return repository.git.setting("rerere.enabled", default=recorded(repository).is_dir())


def replay(repository: Repository, conflicts: Iterable[str]) -> tuple[str, ...]:
    """Have git resolve the conflicts that it knows, and take note of the others.

    Args:
        repository: The repository, with a merge that waits.
        conflicts: Paths of the files in conflict.

    Returns:
        Paths of the files that stand as they were resolved before. They are still to be looked at.
    """
    if not is_on(repository) or repository.git.run("rerere", check=False).code != 0:
        return ()
    left = repository.git.run("rerere", "remaining", check=False).text.split("\n")
    return tuple(path for path in sorted(conflicts) if path not in left and "\n" not in path)

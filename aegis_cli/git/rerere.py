"""Git's memory of resolutions (`git rerere`): a conflict that was resolved once is resolved like that again.

Git keeps two files of each: `ID/preimage`, a file with its conflicts, and `ID/postimage`, what became of it. ID is made
from the conflicts alone. A second resolution of the same conflicts has `.1` at the ends of both names, and so on.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from aegis_cli.git.repository import Repository

FOLDER = "rr-cache"
LARGEST = 1 << 20
"""Bytes of the largest file that is read or written here."""
_BEFORE = re.compile(r"((?:[0-9a-f]{40}|[0-9a-f]{64})/)preimage((?:\.[0-9]{1,3})?)")

Resolutions = Mapping[str, tuple[bytes, bytes]]
"""Resolutions by the names of their files with conflicts: (that file, what became of it)."""


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
    if not is_on(repository):
        return ()
    # What git does not resolve it leaves as it is. It does not tell of each: of a binary file, say, or of one with a
    # line of its own that looks like a conflict's.
    before = {path: _digest(repository.root / path) for path in sorted(conflicts)}
    repository.git.run("rerere", check=False)
    return tuple(path for path, was in before.items() if was != _digest(repository.root / path))


def _digest(path: Path) -> bytes | None:
    with suppress(OSError):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").digest()
    return None


def after(name: str) -> str | None:
    """Return the name of the file that a file with conflicts became; None for what is no name of such a file."""
    found = _BEFORE.fullmatch(name)
    return f"{found[1]}postimage{found[2]}" if found else None


def read(repository: Repository) -> Resolutions:
    """Return the resolutions that git remembers. Conflicts that nobody has resolved yet are none."""
    folder = recorded(repository)
    found = {}
    for path in sorted(folder.glob("*/preimage*")):
        name = f"{path.parent.name}/{path.name}"
        resolved = after(name)
        if resolved and (pair := _pair(path, folder / resolved)):
            found[name] = pair
    return found


def _pair(*paths: Path) -> tuple[bytes, bytes] | None:
    if not all(path.is_file() and path.stat().st_size <= LARGEST for path in paths):
        return None
    before, resolved = (path.read_bytes() for path in paths)
    return before, resolved


def write(repository: Repository, resolutions: Resolutions) -> frozenset[str]:
    """Have git remember resolutions, except where it has one of that name; return the names of those that are new."""
    folder = recorded(repository)
    folder.mkdir(exist_ok=True)
    new = set()
    for name, (before, resolved) in resolutions.items():
        result = after(name) or name
        if all(os.path.lexists(folder / path) for path in (name, result)):
            continue
        (folder / name).parent.mkdir(exist_ok=True)
        # What became of it comes first: git takes a conflict that has only that for an unknown one.
        _put(folder / result, resolved)
        _put(folder / name, before)
        new.add(name)
    return frozenset(new)


def _put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable for whom git's own files there are."""
    fresh = path.with_name(f"aegis-{path.name}")
    fresh.write_bytes(content)
    fresh.replace(path)

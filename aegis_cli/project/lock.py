"""One aegis at a time in a repository."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aegis_cli.errors import AegisError, RepositoryState

_PATIENCE = 3.0  # seconds; a git that a killed aegis left behind ends sooner


@contextmanager
def locked(git_dir: Path) -> Iterator[int]:
    """Hold the repository's lock. The system lets go of it when the process, and every git that it started, is gone.

    Args:
        git_dir: The git directory that all work trees share.

    Yields:
        The lock's file descriptor, for git processes to hold on to.

    Raises:
        RepositoryState: Another aegis is at work.
    """
    path = place(git_dir)
    try:
        path.parent.mkdir(exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise AegisError(
            f"The repository cannot be written: {error.strerror} ({path.parent}).",
            "Nothing was changed. Make the folder writable, or free some space.",
        ) from error
    try:
        _wait_for(descriptor)
        yield descriptor
    finally:
        os.close(descriptor)


def can_be_taken(git_dir: Path) -> bool:
    """Return whether a lock can be had, but for others at work: whether its file can be written, or made."""
    path = place(git_dir)
    if path.is_file():
        return os.access(path, os.W_OK)
    above = next(parent for parent in path.parents if os.path.lexists(parent))
    return not path.exists() and above.is_dir() and os.access(above, os.W_OK | os.X_OK)


def place(git_dir: Path) -> Path:
    """Return where a repository's lock is kept."""
    return git_dir / "aegis" / "lock"


def _wait_for(descriptor: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise RepositoryState(
                    "Another aegis is at work in this repository.",
                    "Nothing was changed. Run the same command again when it is done.",
                ) from None
            time.sleep(0.05)
        else:
            return

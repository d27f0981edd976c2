"""What a disk says, in words: it is full, or this process may not write there."""

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from app.core.errors import StorageError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_PLACE = {errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG}
"""A file where a folder should be, for instance."""


def nearest(path: Path) -> Path:
    """The path itself, or the nearest folder above it that is there."""
    while not os.path.exists(path) and path != path.parent:  # noqa: PTH110
        path = path.parent
    return path


def unwritable(path: Path) -> str:
    """Why nothing can be written there; empty when it can."""
    place = nearest(path)
    if os.access(place, os.W_OK | (os.X_OK if place.is_dir() else 0)):
        return ""
    if os.statvfs(place).f_flag & os.ST_RDONLY:
        return f"{place} is mounted read-only"
    owner, us = place.stat().st_uid, os.geteuid()
    return f"No permission to write {place} (owned by uid {owner}, this process is uid {us})"


def explain_storage(error: OSError) -> str | None:
    """What is wrong with the disk; None: something else is wrong."""
    path = Path(error.filename) if isinstance(error.filename, str) else None
    if error.errno in _FULL:
        return f"The disk is full: {path}" if path else "The disk is full"
    if error.errno in _REFUSED and path is not None:
        return unwritable(path) or None
    return None


@contextmanager
def writing_to(place: Path) -> Generator[None]:
    """Let what the disk says become words, with the place.

    Raises:
        StorageError: It is full, or cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageError(f"The disk is full: {place}") from error
        if error.errno in _REFUSED and (problem := unwritable(place)):
            raise StorageError(problem) from error
        if error.errno in _NO_PLACE:
            raise StorageError(f"Nothing can be written to {place}: {error.strerror}") from error
        raise

"""Temporary folders that a killed run leaves behind, and the next run tidies.

Beside each lies a file of its name and `.lock`, which its run keeps locked. The system lets go of the lock when the run
is gone, however it ended: a file of ours whose lock is free is nobody's any more, nor is its folder. The file is there
before the folder is made and goes after it, so that no kill leaves a folder without one. What has no such file, or
belongs to somebody else, is not ours to delete.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = ".aegis-new-"
"""Beside the place that something is being made for."""
_RUN_PREFIX = "aegis-run-"
_LOCK = ".lock"
_TRIES, _PAUSE = 20, 0.05  # seconds between them


@contextmanager
def folder_beside(parent: Path, prefix: str = PREFIX) -> Iterator[Path]:
    """Make a folder in `parent` for the time of a `with` block, after tidying what killed runs left there."""
    tidy(parent, prefix)
    lock, descriptor = _locked_file(parent, prefix)
    place = lock.with_suffix("")
    try:
        place.mkdir(mode=0o700)
        yield place
    finally:
        _remove(lock)
        os.close(descriptor)


def _locked_file(parent: Path, prefix: str) -> tuple[Path, int]:
    """Make a file that nobody else holds: (it, the descriptor that holds its lock)."""
    while True:
        lock = parent / f"{prefix}{os.urandom(8).hex()}{_LOCK}"
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except BaseException:
            lock.unlink(missing_ok=True)
            os.close(descriptor)
            raise
        if _is_at(lock, descriptor):
            return lock, descriptor
        os.close(descriptor)  # another run has tidied it away before it was locked


def _is_at(path: Path, descriptor: int) -> bool:
    """Return whether a path still leads to an open file."""
    with suppress(OSError):
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    return False


@contextmanager
def temporary_files() -> Iterator[None]:
    """Have all temporary files of this process below one folder of its own, for the time of a `with` block."""
    before = tempfile.tempdir
    try:
        inside = folder_beside(Path(tempfile.gettempdir()), _RUN_PREFIX)
        place = inside.__enter__()
    except OSError:
        # No room, or no right to write: whoever needs a temporary file says so.
        yield
        return
    tempfile.tempdir = str(place)
    try:
        yield
    finally:
        tempfile.tempdir = before
        inside.__exit__(None, None, None)


def is_of_run(place: Path) -> bool:
    """Return whether a folder is the one of a run's temporary files."""
    return place.name.startswith(_RUN_PREFIX)


def tidy(parent: Path, prefix: str) -> None:
    """Remove the folders of killed runs."""
    for lock in _locks(parent, prefix):
        with _taken(lock) as is_left:
            if is_left:
                _remove(lock)


def left(parent: Path, prefix: str = PREFIX) -> list[Path]:
    """Return the folders that killed runs left in `parent`."""
    found = []
    for lock in _locks(parent, prefix):
        with _taken(lock) as is_left:
            if is_left:
                found.append(lock.with_suffix(""))
    return found


def _locks(parent: Path, prefix: str) -> list[Path]:
    with suppress(OSError):
        names = sorted(path.name for path in parent.iterdir())
        return [parent / name for name in names if name.startswith(prefix) and name.endswith(_LOCK)]
    return []


@contextmanager
def _taken(lock: Path) -> Iterator[bool]:
    """Hold a lock that nobody holds, for the time of a `with` block; the value says whether it is ours to hold."""
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        yield False
        return
    try:
        facts = os.fstat(descriptor)
        ours = stat.S_ISREG(facts.st_mode) and facts.st_uid == os.getuid()
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield ours and _is_at(lock, descriptor)
            return
        yield False
    finally:
        os.close(descriptor)


def _remove(lock: Path) -> None:
    place = lock.with_suffix("")
    for _ in range(_TRIES):
        try:
            shutil.rmtree(place)
        except OSError as error:
            # A git that a killed run has left behind is still writing there; it will not for long.
            if error.errno not in (errno.ENOTEMPTY, errno.ENOENT):
                shutil.rmtree(place, ignore_errors=True)
                break
        if not os.path.lexists(place):
            break
        time.sleep(_PAUSE)
    if not os.path.lexists(place):
        lock.unlink(missing_ok=True)

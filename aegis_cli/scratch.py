"""Temporary folders that a killed run leaves behind, and the next run tidies.

Each holds a file that its run keeps locked. The system lets go of the lock when the run is gone, however it ended: a
folder of ours whose lock is free is nobody's any more. What has no such file, or belongs to somebody else, is not ours
to delete.
"""

from __future__ import annotations

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
_MARK = ".aegis-lock"
_UNLOCKED = ".aegis-lock.new"
_AGE = 60  # seconds after which a folder that has no mark yet will not get one any more


@contextmanager
def folder_beside(parent: Path, prefix: str = PREFIX) -> Iterator[Path]:
    """Make a folder in `parent` for the time of a `with` block, after tidying what killed runs left there."""
    tidy(parent, prefix)
    place = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
    descriptor = None
    try:
        # It gets its name when it is locked: whoever finds it under that name, and free, finds a folder that is left.
        unlocked = place / _UNLOCKED
        descriptor = os.open(unlocked, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        unlocked.rename(place / _MARK)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


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
    for place in left(parent, prefix):
        shutil.rmtree(place, ignore_errors=True)


def left(parent: Path, prefix: str = PREFIX) -> list[Path]:
    """Return the folders that killed runs left in `parent`."""
    with suppress(OSError):
        return [p for p in parent.iterdir() if p.name.startswith(prefix) and _is_left(p)]
    return []


def _is_left(place: Path) -> bool:
    with suppress(OSError):
        facts = place.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
            return False
        if not (place / _MARK).exists():
            begun = {file.name for file in place.iterdir()} <= {_UNLOCKED}
            return begun and time.time() - facts.st_mtime > _AGE
        descriptor = os.open(place / _MARK, os.O_RDWR | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(descriptor)
        return True
    return False

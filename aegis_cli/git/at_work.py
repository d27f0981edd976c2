"""Whose a lock file is: one that a killed git left may go, one that another git still needs may not.

A lock file does not say who made it. A git that works in a repository has it for its current folder, or its git
directory; where the system lists its processes, that tells. And a git that waits for its user (the editor of
`git commit --all`) has written its index whole, while one of ours that was killed at its files has not begun to.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

_PROCESSES = Path("/proc")
# What only reads, and may run for as long as a pager or an editor is open.
_READERS = frozenset(
    (
        "blame", "cat-file", "credential-cache--daemon", "diff", "difftool", "fsmonitor--daemon", "grep", "log",
        "show", "status",
    )
)  # fmt: skip
_TAKES_VALUE = (
    "-C",
    "-c",
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--config-env",
    "--exec-path",
)


def is_anyone(folders: Collection[Path]) -> bool:
    """Return whether a git that may write works in one of some folders, as far as can be seen."""
    return bool(writers(folders))


def writers(folders: Collection[Path]) -> list[int]:
    """Return the processes of the gits that may write in one of some folders, as far as can be seen."""
    return [
        process for process, command, place in _gits()
        if command not in _READERS and any(place.is_relative_to(folder) for folder in folders)
    ]  # fmt: skip


def is_held(lock: Path) -> bool:
    """Return whether a file is locked by `flock`: by an aegis, or by a git that it started."""
    try:
        descriptor = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def holder(lock: Path) -> int | None:
    """Return the process that locked a file (by `flock`), where the system tells."""
    with suppress(OSError):
        inode = f":{lock.stat().st_ino}"
        for line in Path(_PROCESSES, "locks").read_text().splitlines():
            words = line.split()  # such as `1: FLOCK ADVISORY WRITE 1234 08:01:5678 0 EOF`
            if words[1:2] == ["FLOCK"] and words[5].endswith(inode):
                return int(words[4])
    return None


def is_whole(index: Path) -> bool:
    """Return whether a file is an index from its first to its last byte."""
    content = index.read_bytes()
    for digest in (hashlib.sha1, hashlib.sha256):
        body, end = content[: -digest().digest_size], content[-digest().digest_size :]
        if body.startswith(b"DIRC") and end in (digest(body).digest(), bytes(len(end))):
            return True
    return False


def _gits() -> Iterator[tuple[int, str, Path]]:
    """The gits that run: (process, command, current folder)."""
    for process in _PROCESSES.iterdir() if _PROCESSES.is_dir() else ():
        if not process.name.isdigit():
            continue
        with suppress(OSError):
            words = os.fsdecode((process / "cmdline").read_bytes()).split("\0")
            if not Path(words[0]).name.removesuffix(".exe").startswith("git"):
                continue
            yield int(process.name), _command(words), (process / "cwd").readlink()


def _command(words: Collection[str]) -> str:
    """The command of a git's command line."""
    rest = iter(words)
    name = Path(next(rest)).name
    if name.startswith("git-"):
        return name.removeprefix("git-")
    for word in rest:
        if word in _TAKES_VALUE:
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return ""

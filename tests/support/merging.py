"""Three versions of a file, merged."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

from aegis_cli.merging.diff3 import merge
from aegis_cli.merging.line_endings import split
from aegis_cli.merging.resolve import Resolution, look_over, resolve


def text(content: str) -> bytes:
    """A file that stands indented in a test."""
    return dedent(content).lstrip("\n").encode()


def merged_by_git(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """What git makes of three versions; None where it leaves a conflict."""
    parts = merge(*map(split, (base, ours, theirs)))
    lines = [part for part in parts if isinstance(part, bytes)]
    return b"".join(lines) if len(lines) == len(parts) else None


def updated(path: str, base: bytes, ours: bytes, theirs: bytes) -> Resolution:
    """What an update makes of them: what git merges by itself is looked over, all else is resolved."""
    by_git = merged_by_git(base, ours, theirs)
    if by_git is None:
        return resolve(path, base, ours, theirs)
    return look_over(path, base, ours, theirs, by_git) or Resolution(by_git, (), 0)


def both_ways(
    path: str,
    base: bytes,
    ours: bytes,
    theirs: bytes,
    how: Callable[[str, bytes, bytes, bytes], Resolution] = resolve,
) -> list[Resolution]:
    """Merge, and merge with the sides exchanged."""
    return [how(path, base, ours, theirs), how(path, base, theirs, ours)]

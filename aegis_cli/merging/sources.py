"""What something is and which version of it, changed by one side each: the version was meant for the other thing."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

from aegis_cli.merging.diff3 import Change, Lines
from aegis_cli.merging.line import indentation

WHAT = frozenset({"repo", "repository", "name", "image", "url", "git", "source"})
WHICH = frozenset({"rev", "ref", "tag", "digest", "sha256", "checksum", "hash"})
_KEY = re.compile(rb"(\s*(?:-\s+)?)[\"']?([\w-]+)[\"']?\s*[:=]")
# So far apart they may stand in one mapping.
_NEAR = 6


def are_parted(ours: Container[str], theirs: Container[str]) -> bool:
    """Whether of the keys of one mapping one side changed what it is, and the other side which version."""
    what = [any(key in side for key in WHAT) for side in (ours, theirs)]
    which = [any(key in side for key in WHICH) for side in (ours, theirs)]
    return any(what[a] and not which[a] and which[b] and not what[b] for a, b in ((0, 1), (1, 0)))


def of_another_thing(base: Lines, made: Sequence[Sequence[Change]]) -> set[Change]:
    """The changes of which one replaces a thing, and the other raises the version of it."""
    found: set[Change] = set()
    what, which = ([{*_changed(base, side, keys)} for side in made] for keys in (WHAT, WHICH))
    for a, b in ((0, 1), (1, 0)):
        if what[a] and which[b]:
            found |= {
                change
                for at, one in what[a]
                for other_at, other in which[b]
                if _are_in_one(base, at, other_at)
                and not any(_are_in_one(base, at, x) for x, _ in which[a])
                and not any(_are_in_one(base, other_at, x) for x, _ in what[b])
                for change in (one, other)
            }
    return found


def _changed(
    base: Lines, made: Sequence[Change], keys: Container[str]
) -> Iterator[tuple[int, Change]]:
    """Where a side gave another value to one of some keys."""
    for change in made:
        now = {found[2] for x in change.lines if (found := _KEY.match(x))}
        for at in range(change.start, change.end):
            found = _KEY.match(base[at])
            is_one = found is not None and found[2].decode() in keys and found[2] in now
            if is_one and base[at] not in change.lines:
                yield at, change


def _are_in_one(base: Lines, one: int, other: int) -> bool:
    """Whether two keys are of one mapping."""
    first, last = sorted((one, other))
    if last - first > _NEAR:
        return False
    columns = [_column(text) for text in base[first : last + 1] if text.strip()]
    is_open = all(column >= columns[0] for column in columns) and columns[0] == columns[-1]
    begins = [text.lstrip().startswith((b"- ", b"[")) for text in base[first + 1 : last + 1]]
    return is_open and not any(begins)


def _column(text: bytes) -> int:
    found = _KEY.match(text)
    return len(found[1]) if found else indentation(text)

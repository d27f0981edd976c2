"""Cutting a hunk's changes into smaller ones that mean the same: an edit apart from what only stands beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from aegis_cli.merging.diff3 import Change, Lines
from aegis_cli.merging.formats import NAMELESS, PROSE, Format
from aegis_cli.merging.likeness import SAME, likeness
from aegis_cli.merging.line import has_word
from aegis_cli.merging.names import names


def edits_apart(base: Lines, side: tuple[Change, ...], kind: Format) -> tuple[Change, ...]:
    """Cut changes at lines that still declare what they declared: these were edited one for one."""
    if kind in NAMELESS or kind in PROSE:
        return side
    return tuple(part for change in side for part in _pair(base, change, kind))


def _pair(base: Lines, change: Change, kind: Format) -> list[Change]:
    if len(change.lines) < 2 and change.end - change.start < 2:
        return [change]
    old = [names(text.strip(), kind) for text in base[change.start : change.end]]
    new = [names(text.strip(), kind) for text in change.lines]
    parts: list[Change] = []
    at, new_at = 0, 0
    for i, here in enumerate(old):
        twins = [j for j in range(len(new)) if here & new[j]]
        if len(twins) != 1 or twins[0] < new_at or sum(bool(o & new[twins[0]]) for o in old) > 1:
            continue
        if (i, twins[0]) != (at, new_at):
            between = change.lines[new_at : twins[0]]
            parts.append(Change(change.start + at, change.start + i, between))
        position = change.start + i
        parts.append(Change(position, position + 1, (change.lines[twins[0]],)))
        at, new_at = i + 1, twins[0] + 1
    if (at, new_at) != (len(old), len(new)):
        parts.append(Change(change.start + at, change.end, change.lines[new_at:]))
    return parts


def deletions_apart(changes: Sequence[Change], at: Sequence[int]) -> tuple[Change, ...]:
    """Cut what only deletes in two at some places."""
    found: list[Change] = []
    for change in changes:
        places = [] if change.lines else [p for p in at if change.start < p < change.end]
        ends = [change.start, *places, change.end]
        found += [Change(*pair, change.lines) for pair in pairwise(ends)]
    return tuple(found)


def insertion_behind(base: Lines, change: Change) -> Iterator[Change]:
    """What a change inserts behind the line that follows it, if it has that line in its midst: an edit, and more.

    Where `x(1)` became `x(2)`, each over three lines, and `y(3)` was put behind it, git takes the end of the new call
    for the old one's.
    """
    if change.is_insertion or change.end == len(base):
        return
    end = base[change.end]
    if end in change.lines:
        place = change.end + 1
        yield Change(place, place, (*change.lines[change.lines.index(end) + 1 :], end))


def shared_apart(
    base: Lines, ours: tuple[Change, ...], theirs: tuple[Change, ...], kind: Format
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Cut a first or last change in two where it is the other side's and more."""
    ours, theirs = (
        _split_head(base, ours, theirs[0], kind),
        _split_head(base, theirs, ours[0], kind),
    )
    return _split_tail(base, ours, theirs[-1], kind), _split_tail(base, theirs, ours[-1], kind)


def _split_head(
    base: Lines, changes: tuple[Change, ...], short: Change, kind: Format
) -> tuple[Change, ...]:
    long = changes[0]
    cut = len(short.lines)
    if long.start != short.start or long.end <= short.end or long.lines[:cut] != short.lines:
        return changes
    rest = Change(short.end, long.end, long.lines[cut:])
    return (short, rest, *changes[1:]) if _is_split(base, short, rest, kind) else changes


def _split_tail(
    base: Lines, changes: tuple[Change, ...], short: Change, kind: Format
) -> tuple[Change, ...]:
    long = changes[-1]
    cut = len(long.lines) - len(short.lines)
    if long.end != short.end or long.start >= short.start or cut < 0:
        return changes
    if long.lines[cut:] != short.lines:
        return changes
    rest = Change(long.start, short.start, long.lines[:cut])
    return (*changes[:-1], rest, short) if _is_split(base, short, rest, kind) else changes


def _is_split(base: Lines, short: Change, rest: Change, kind: Format) -> bool:
    """Whether a change is two for certain: neither part can have taken away, or edited, what the other has."""
    if short.growth < 0 or rest.growth < 0:
        return False
    was = base[short.start : short.end]
    if kind not in NAMELESS and kind not in PROSE:
        is_left = _named(was, kind) - _named(short.lines, kind)
        if is_left and _named(rest.lines, kind) - _named(base[rest.start : rest.end], kind):
            return False  # what goes by a new name there may be what has gone here
    if any(likeness(old.strip(), new.strip()) >= SAME for old in was for new in rest.lines):
        return False
    return any(has_word(text) for text in short.lines)


def _named(lines: Lines, kind: Format) -> frozenset[bytes]:
    return frozenset().union(*(names(text.strip(), kind) for text in lines))

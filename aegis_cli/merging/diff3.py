"""The three-way merge of lines: what merges by itself, and the hunks that both sides changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aegis_cli.merging.diff import Edit, diff

Lines = tuple[bytes, ...]


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One side's change: the base lines from `start` up to `end` became `lines`."""

    start: int
    end: int
    lines: Lines

    @property
    def growth(self) -> int:
        """How many lines the change adds; negative if it takes away."""
        return len(self.lines) - (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Hunk:
    """A place that both sides changed: overlapping or touching changes of base lines."""

    start: int
    end: int
    ours: tuple[Change, ...]
    theirs: tuple[Change, ...]


def merge(
    base: Sequence[bytes], ours: Sequence[bytes], theirs: Sequence[bytes]
) -> list[bytes | Hunk]:
    """Merge two descendants of a sequence of lines.

    A change that only one side made, or that both made alike, is applied when at least one
    unchanged line lies between it and any other: the rule that git has.

    Args:
        base: The lines that both sides started from.
        ours: The lines of one side.
        theirs: The lines of the other side.

    Returns:
        The merged lines in order, with a `Hunk` at each place that does not merge by itself.
    """
    left = _changes(diff(base, ours), ours)
    right = _changes(diff(base, theirs), theirs)
    merged: list[bytes | Hunk] = []
    position = i = j = 0
    while i < len(left) or j < len(right):
        start, end, i_next, j_next = _group(left, right, i, j)
        merged += base[position:start]
        hunk = Hunk(start, end, tuple(left[i:i_next]), tuple(right[j:j_next]))
        merged += _apply(base, hunk)
        position, i, j = end, i_next, j_next
    return [*merged, *base[position:]]


def replay(base: Sequence[bytes], start: int, end: int, changes: Sequence[Change]) -> Lines:
    """Say what base lines `start` to `end` are after changes (disjoint, in order, all within)."""
    lines: list[bytes] = []
    for change in changes:
        lines += base[start : change.start]
        lines += change.lines
        start = change.end
    return (*lines, *base[start:end])


def _changes(edits: list[Edit], new: Sequence[bytes]) -> list[Change]:
    return [Change(e.start, e.end, tuple(new[e.new_start : e.new_end])) for e in edits]


def _group(left: list[Change], right: list[Change], i: int, j: int) -> tuple[int, int, int, int]:
    """The next changes that belong together: their base lines, and the indices that follow."""
    ahead = [side[at] for side, at in ((left, i), (right, j)) if at < len(side)]
    if len(ahead) == 2 and ahead[0] == ahead[1]:
        return ahead[0].start, ahead[0].end, i + 1, j + 1
    start = min(change.start for change in ahead)
    end = start
    while True:
        if i < len(left) and left[i].start <= end:
            end = max(end, left[i].end)
            i += 1
        elif j < len(right) and right[j].start <= end:
            end = max(end, right[j].end)
            j += 1
        else:
            return start, end, i, j


def _apply(base: Sequence[bytes], hunk: Hunk) -> Sequence[bytes | Hunk]:
    """The lines of a group that merges by itself, else the hunk."""
    if not hunk.theirs:
        return replay(base, hunk.start, hunk.end, hunk.ours)
    theirs = replay(base, hunk.start, hunk.end, hunk.theirs)
    if not hunk.ours or replay(base, hunk.start, hunk.end, hunk.ours) == theirs:
        return theirs
    return [hunk]

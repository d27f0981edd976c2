"""The three-way merge of lines: what merges by itself, and the hunks that both sides changed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from aegis_cli.merging.diff import diff

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

    @property
    def is_insertion(self) -> bool:
        """Whether it takes nothing away."""
        return self.start == self.end


@dataclass(frozen=True, slots=True)
class Hunk:
    """A place that both sides changed: overlapping or touching changes of base lines.

    Attributes:
        start: The first base line.
        end: The base line behind the last.
        ours: Our changes of them.
        theirs: Their changes.
        our_start: Where the place begins in our version.
        their_start: Where it begins in theirs.
    """

    start: int
    end: int
    ours: tuple[Change, ...]
    theirs: tuple[Change, ...]
    our_start: int = 0
    their_start: int = 0

    def sides(self, base: Sequence[bytes]) -> tuple[Lines, Lines]:
        """What the place is in our version, and in theirs."""
        ours, theirs = (replay(base, self.start, self.end, x) for x in (self.ours, self.theirs))
        return ours, theirs


def merge(
    base: Sequence[bytes],
    ours: Sequence[bytes],
    theirs: Sequence[bytes],
    *,
    doubted: Container[Change] = (),
) -> list[bytes | Hunk]:
    """Merge two descendants of a sequence of lines.

    A change that only one side made, or that both made alike, is applied when at least one
    unchanged line lies between it and any other: the rule that git has.

    Args:
        base: The lines that both sides started from.
        ours: The lines of one side.
        theirs: The lines of the other side.
        doubted: Changes that are not applied, although they merge by themselves.

    Returns:
        The merged lines in order, with a `Hunk` at each place that does not merge by itself.
    """
    left, right = changes(tuple(base), tuple(ours)), changes(tuple(base), tuple(theirs))
    merged: list[bytes | Hunk] = []
    position = 0
    for place in places(left, right):
        merged += base[position : place.start]
        is_doubted = any(change in doubted for change in (*place.ours, *place.theirs))
        merged += [place] if is_doubted else _apply(base, place)
        position = place.end
    return [*merged, *base[position:]]


def places(left: Sequence[Change], right: Sequence[Change]) -> Iterator[Hunk]:
    """Put the changes of two sides together by where they are: all places, contested or not, in order."""
    i = j = grown = their_grown = 0
    while i < len(left) or j < len(right):
        start, end, i_next, j_next = _group(left, right, i, j)
        mine, yours = tuple(left[i:i_next]), tuple(right[j:j_next])
        yield Hunk(start, end, mine, yours, start + grown, start + their_grown)
        grown += sum(change.growth for change in mine)
        their_grown += sum(change.growth for change in yours)
        i, j = i_next, j_next


@lru_cache(maxsize=4)
def changes(base: Lines, new: Lines) -> tuple[Change, ...]:
    """Say which base lines one side changed, and into what."""
    return tuple(Change(e.start, e.end, new[e.new_start : e.new_end]) for e in diff(base, new))


def placed(made: Iterable[Change]) -> Iterator[tuple[Change, range]]:
    """The changes of a side, and where their lines stand in it."""
    grown = 0
    for change in made:
        start = change.start + grown
        yield change, range(start, start + len(change.lines))
        grown += change.growth


def replay(base: Sequence[bytes], start: int, end: int, changes: Sequence[Change]) -> Lines:
    """Say what base lines `start` to `end` are after changes (disjoint, in order, all within)."""
    lines: list[bytes] = []
    for change in changes:
        lines += base[start : change.start]
        lines += change.lines
        start = change.end
    return (*lines, *base[start:end])


def _group(
    left: Sequence[Change], right: Sequence[Change], i: int, j: int
) -> tuple[int, int, int, int]:
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

"""Insertions that could as well stand somewhere else, for the lines there read the same.

Between two `if late:` nobody can tell whether the first or the second was inserted. What git takes for insertions at
two places, with lines in between that one of them could be made of, may have been meant for one place: which comes
first may matter, or what a remark speaks of. And a step may have been meant for a place beside what the other side took
away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from aegis_cli.merging import order, statements
from aegis_cli.merging.case import Case
from aegis_cli.merging.cutting import insertion_behind
from aegis_cli.merging.diff3 import Change, Hunk, Lines
from aegis_cli.merging.outline import Outline


def at_one_place(
    outline: Outline, base: Lines, ours: Sequence[Change], theirs: Sequence[Change]
) -> set[Change]:
    """The insertions of both sides at what may be one place, where the order of what they bring has a meaning."""
    # Insertions, each with the change that brings it.
    made = [
        {new: x for x in side for new in (x, *insertion_behind(base, x)) if new.is_insertion}
        for side in (ours, theirs)
    ]
    places = {new: {at.start: at for at in slid(base, new)} for side in made for new in side}
    found: set[Change] = set()
    for one, other in product(*made):
        changes = {made[0][one], made[1][other]}
        shared = places[one].keys() & places[other].keys()
        if shared and (one.start != other.start or changes != {one, other}):
            at = min(shared)
            hunk = Hunk(at, at, (places[one][at],), (places[other][at],))
            case = Case(base, hunk, outline, outline.stack(base, at))
            if any(side[-1].speaks_of_next for side in (case.ours, case.theirs)) or order.is_meant(
                case, case.ours, case.theirs
            ):
                found |= changes
    if outline.kind in statements.STEPS:
        for side, others in ((made[0], theirs), (made[1], ours)):
            whole = [new for new, change in side.items() if new == change]
            for one, other in product(whole, others):
                doubted = (at for at in places[one] if _is_past_a_step(base, one.start, at))
                if any(_stood_beside(base, at, other) for at in doubted):
                    found |= {one, other}
    return found


def _is_past_a_step(base: Lines, one: int, other: int) -> bool:
    """Whether there is more than blank lines between two places: past those nothing stands anywhere else."""
    return any(line.strip() for line in base[min(one, other) : max(one, other)])


def _stood_beside(base: Lines, at: int, change: Change) -> bool:
    """Whether a step that may stand at a place was put beside one that the other side took away."""
    if change.is_insertion or not change.start <= at <= change.end:
        return False
    if not change.lines or at not in (change.start, change.end):
        return True
    edge = 0 if at == change.start else -1
    return not statements.is_one_step(base[change.start : change.end][edge], change.lines[edge])


def slid(base: Lines, change: Change) -> Iterator[Change]:
    """All insertions that give the same lines as this one."""
    yield change
    at, lines = change.start, change.lines
    while at and base[at - 1] == lines[-1]:
        at, lines = at - 1, (lines[-1], *lines[:-1])
        yield Change(at, at, lines)
    at, lines = change.start, change.lines
    while at < len(base) and base[at] == lines[0]:
        at, lines = at + 1, (*lines[1:], lines[0])
        yield Change(at, at, lines)

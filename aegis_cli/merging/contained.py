"""The rule **contained**: one side did all that the other did, and more of the same kind."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from aegis_cli.merging import statements
from aegis_cli.merging.case import Case
from aegis_cli.merging.diff3 import Change
from aegis_cli.merging.formats import NAMELESS, Format
from aegis_cli.merging.likeness import likeness
from aegis_cli.merging.line import Line, has_word
from aegis_cli.merging.names import share_a_name
from aegis_cli.merging.outline import Scope
from aegis_cli.merging.settlement import CONTAINED, Settlement, answered

# From this likeness on, two lines may be versions of one.
_ALIKE = 0.5


def contained(case: Case) -> Settlement | None:
    """Keep the change that holds the other one, if one does; ours if they hold each other."""
    hunk = case.hunk
    ours = [*zip(case.ours, _tokens(case.ours, case.our_scopes), strict=True)]
    theirs = [*zip(case.theirs, _tokens(case.theirs, case.their_scopes), strict=True)]
    if _holds(case, hunk.ours, ours, hunk.theirs, theirs):
        return answered(case.ours, CONTAINED)
    if _holds(case, hunk.theirs, theirs, hunk.ours, ours):
        return answered(case.theirs, CONTAINED)
    return None


Tokens = list[tuple[Line, Hashable]]


def _tokens(lines: list[Line], scopes: dict[Line, Scope]) -> list[Hashable]:
    """What makes lines of two versions the same: place in base, or else text and parents."""
    return [(line.text, scopes.get(line)) if line.side else line.name for line in lines]


def _holds(
    case: Case,
    big_changes: Sequence[Change],
    big: Tokens,
    small_changes: Sequence[Change],
    small: Tokens,
) -> bool:
    """Whether one side did all that the other did."""
    if any(not line.side for line, _ in big):
        return False  # the other side took it away: a hunk has no line that both left as it was
    if not all(
        any(_covers(case, large, change) for large in big_changes) for change in small_changes
    ):
        return False
    if _speaks_of_next(small) and big[-1:] and small[-1][1] != big[-1][1]:
        return False
    rest = iter(token for _, token in big)
    return all(token in rest for line, token in small if line.side)


def _covers(case: Case, large: Change, small: Change) -> bool:
    """Whether one change is another and more of the same kind."""
    if large == small:
        return True
    if not small.lines:
        return not large.lines and large.start <= small.start and small.end <= large.end
    if (large.start, large.end) != (small.start, small.end):
        return False
    rest = iter(large.lines)
    if not all(text in rest for text in small.lines):
        return False
    if small.is_insertion:
        return True
    # Unless lines were edited one for one, nobody knows which of them stand for those that went.
    was = case.base(small)
    if small.growth or not any(has_word(text) for text in small.lines):
        return False
    left = list(large.lines)
    for text in small.lines:
        left.remove(text)
    is_one = _go_by_one_name if any(map(has_word, left)) else Case.is_edited
    is_named = case.kind not in NAMELESS
    if is_named and not all(is_one(case, *pair) for pair in zip(was, small.lines, strict=True)):
        return False
    return not any(_are_versions(case, one, text) for one in was for text in left)


def _go_by_one_name(case: Case, one: bytes, other: bytes) -> bool:
    """Whether two lines are one thing for certain, and so nothing beside them is what became of it."""
    if one.strip() == other.strip() or share_a_name(one, other, case.kind):
        return True
    return case.kind is Format.DOCKER and statements.is_one_step(one, other)


def _are_versions(case: Case, one: bytes, other: bytes) -> bool:
    """Whether two lines may be versions of one."""
    a, b = one.strip(), other.strip()
    if not a or not b:
        return False
    return share_a_name(one, other, case.kind) or likeness(a, b) >= _ALIKE


def _speaks_of_next(tokens: Tokens) -> bool:
    return bool(tokens and tokens[-1][0].side) and tokens[-1][0].speaks_of_next

"""The rule **touching edits**: each line was changed by one side only, beside lines that the other changed."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from aegis_cli.merging import order, statements
from aegis_cli.merging.case import Case
from aegis_cli.merging.cutting import deletions_apart
from aegis_cli.merging.diff3 import Change
from aegis_cli.merging.formats import PROGRAMS, Format
from aegis_cli.merging.insertions import declare_alike
from aegis_cli.merging.line import Line, level
from aegis_cli.merging.names import bare, names
from aegis_cli.merging.rows import columns
from aegis_cli.merging.settlement import SAME_CHANGE, TOUCHING_EDITS, Settlement, answered

# Stands at the top of a file, or is no mark of how the file is encoded.
_MARK = b"\xef\xbb\xbf"


def touching_edits(case: Case, moved: Container[bytes], *, removing: bool) -> Settlement | None:
    """Apply both, where each base line was changed by at most one side, or by both alike."""
    if removing:
        at = [change.start for change in case.hunk.ours if change.is_insertion]
        if any(case.may_have_kept(change, place) for change in case.hunk.theirs for place in at):
            return None
        case = case.with_changes(case.hunk.ours, deletions_apart(case.hunk.theirs, at))
    same = set(case.hunk.ours) & set(case.hunk.theirs)
    ours = [change for change in case.hunk.ours if change not in same]
    theirs = [change for change in case.hunk.theirs if change not in same]
    if not ours or not theirs:
        return None
    if not all(_are_apart(a, b, removing=removing) for a in ours for b in theirs):
        return None
    if not all(
        _stays_beside(case, one, other, moved) and not _is_of_old_columns(case, one, other)
        for a in ours
        for b in theirs
        for one, other in ((a, b), (b, a))
    ):
        return None
    merged = case.merged()
    if case.hunk.start == 0 and any(line.text.startswith(_MARK) for line in merged[1:]):
        return None
    mine = [x for change in ours for x in case.brought(change, 1)]
    yours = [x for change in theirs for x in case.brought(change, 2)]
    if declare_alike(case, mine, yours):
        return None
    if order.is_meant(case, _put_there(case, ours, 1), _put_there(case, theirs, 2)):
        return None
    if not case.is_sound(merged, case.ours, case.theirs):
        return None
    settlement = answered(merged, TOUCHING_EDITS)
    return (
        replace(settlement, rules=((0, SAME_CHANGE), (0, TOUCHING_EDITS))) if same else settlement
    )


def _put_there(case: Case, made: Sequence[Change], side: int) -> list[Line]:
    """Lines that are new, and no versions of lines that stood there."""
    return [
        line
        for change in made
        for at, line in enumerate(case.brought(change, side))
        if not isinstance(line.name, int)
        and not (change.growth == 0 and case.is_edited(case.base(change)[at], line.text))
    ]


def _are_apart(ours: Change, theirs: Change, *, removing: bool) -> bool:
    """Whether changes do not overlap, and neither took away what the other was added to."""
    a, b = sorted((ours, theirs))
    if a.end > b.start or (a.start == b.start and a.end == b.end):
        return False
    if removing and ours.is_insertion and not theirs.lines:
        return True
    return a.end < b.start or a.growth * b.growth >= 0


def _stays_beside(case: Case, new: Change, change: Change, moved: Container[bytes]) -> bool:
    """Whether the line that an insertion was put beside is still there after the other side's change."""
    if change.is_insertion:
        return True
    if _stands_deeper(case, new, change) or _is_another_beside(case, new, change):
        return False
    if not _brings_steps(case, new):
        return True
    if new.start != change.end and new.end != change.start:
        return True
    if not change.lines:
        # Beside what the other took away; what was only put there is apart from it, or not, in `_are_apart`.
        return case.kind not in statements.STEPS or new.is_insertion or not new.lines
    at = -1 if new.start == change.end else 0
    was, now = case.base(change)[at], change.lines[at]
    if bare(was) in moved and bare(was) != bare(now):
        return False
    if any(bare(text) in moved for text in new.lines) and not case.is_edited(was, now):
        return False  # what was put here goes round a line that is another one now
    called, now_called = names(was.strip(), case.kind), names(now.strip(), case.kind)
    is_named = called and now_called
    if case.kind in statements.STEPS:
        return called == now_called if is_named else statements.is_one_step(was, now)
    if case.kind in PROGRAMS and statements.may_be_another(was, now, is_behind=at == 0):
        return False
    return (change.growth == 0 and not is_named) or case.is_edited(was, now)


def _stands_deeper(case: Case, new: Change, change: Change) -> bool:
    """Whether a call was put beside one of its kind that stands deeper now: whether it goes along is open."""
    if not new.is_insertion or not change.lines or case.kind not in PROGRAMS:
        return False
    if new.start not in (change.start, change.end):
        return False
    edge = -1 if new.start == change.end else 0
    was, now = case.base(change)[edge], change.lines[edge]
    if not was.strip() or was.strip() != now.strip() or level(was) == level(now):
        return False
    return any(
        statements.is_one_call(was, text) and level(text) == level(was) for text in new.lines
    )


def _is_another_beside(case: Case, new: Change, change: Change) -> bool:
    """Whether a line took another's place behind a statement that stands deeper now: whether it goes along is open."""
    if case.kind not in PROGRAMS or new.start != change.end or new.growth or not new.lines:
        return False
    if case.is_edited(case.base(new)[0], new.lines[0]) or not case.base(change) or not change.lines:
        return False
    return level(change.lines[-1]) > level(case.base(change)[-1]) >= level(new.lines[0])


def _is_of_old_columns(case: Case, new: Change, change: Change) -> bool:
    """Whether a row was put beside rows that had as many columns, and have not any more."""
    if change.growth or new.growth <= 0:
        return False
    is_table = case.kind is Format.CSV
    rows = zip(case.base(change), change.lines, strict=True)
    counts = {tuple(columns(x, is_table=is_table) for x in row) for row in rows}
    old = {was for was, now in counts if was != now}
    return any(columns(text, is_table=is_table) in old - {0} for text in new.lines)


def _brings_steps(case: Case, change: Change) -> bool:
    """Whether a change puts lines to a place, and does not only edit those that stood there."""
    if change.is_insertion:
        return True
    others = [
        x for x in zip(case.base(change), change.lines, strict=False) if not case.is_edited(*x)
    ]
    if case.kind in statements.STEPS:
        return change.growth != 0 or bool(others)
    if case.kind not in PROGRAMS:
        return False
    if change.growth:
        return change.growth > 0
    # Another condition with another body is another branch.
    return len(change.lines) > 1 and any(statements.is_branch(was) for was, _ in others)

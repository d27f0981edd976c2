"""Steps of a workflow that one side gave another action, and the other side other inputs: those of the first one."""

from __future__ import annotations

from collections.abc import Sequence

from aegis_cli.merging.diff3 import Change, Lines
from aegis_cli.merging.line import indentation
from aegis_cli.merging.names import USES


def of_another_action(
    base: Lines, sides: Sequence[Lines], made: Sequence[Sequence[Change]]
) -> set[Change]:
    """The changes of which one replaces the action of a step, and the other changes its inputs.

    Args:
        base: The lines that both sides started from.
        sides: Those of our side, and of theirs.
        made: The changes of our side, and of theirs.
    """
    found: set[Change] = set()
    for which, other in ((0, 1), (1, 0)):
        for change in made[which]:
            for at in range(change.start, change.end):
                if not _is_replaced(base[at], change):
                    continue
                there = at + sum(x.growth for x in made[other] if x.end <= at)
                if _inputs(base, at) != _inputs(sides[other], there):
                    start, end = _step(base, at)
                    beside = {x for x in made[other] if x.start <= end and x.end >= start}
                    found |= {change, *beside}
    return found


def _is_replaced(text: bytes, change: Change) -> bool:
    was = USES.match(text.strip())
    now = {found[1] for line in change.lines if (found := USES.match(line.strip()))}
    return was is not None and bool(now) and was[1] not in now


def _step(lines: Lines, at: int) -> tuple[int, int]:
    """Where the step begins and ends in which a line stands."""
    column = _column(lines[at])
    start, end = at, at + 1
    while start and not lines[start].lstrip().startswith(b"- "):
        start -= 1
    while end < len(lines) and (not lines[end].strip() or _is_within(lines[end], column)):
        end += 1
    return start, end


def _is_within(text: bytes, column: int) -> bool:
    return indentation(text) >= column


def _inputs(lines: Lines, at: int) -> Lines:
    """What the action of a step is given: the lines below `with`."""
    if at >= len(lines) or not USES.match(lines[at].strip()):
        return ()  # that one is another step by now, and so a conflict anyway
    column = _column(lines[at])
    start, end = _step(lines, at)
    inputs: list[bytes] = []
    is_open = False
    for text in lines[start:end]:
        if text.strip() and _column(text) <= column:
            is_open = text.strip().removeprefix(b"- ").lstrip().startswith(b"with:")
        if is_open:
            inputs.append(text.strip())
    return tuple(text for text in inputs if text)


def _column(text: bytes) -> int:
    """Where the key of a line begins."""
    word = text.lstrip()
    return len(text) - len(word.removeprefix(b"- ").lstrip())

"""Backwards: from a change of what a template came to, to the change of the template that comes to it.

A change is turned back where there is one place for it: within plain text of the template that comes out once, as it
is. What code gave stays code, if the change leaves it exactly where it was. No code comes new into a template, and none
of the change's is run: what is rendered is what was trusted before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from aegis_cli.merging.diff3 import Change
from aegis_cli.template.render.tracing import Run, Traced
from aegis_cli.template.slots import split_lines
from aegis_cli.template.written import Edit, LineEdit, NotTurned, Why, Written, in_lines

_WORD = re.compile(r"[\w.-]")


def line_edit(written: Written, traced: Traced, change: Change) -> LineEdit:
    """Turn a change of what a file comes to back into a change of the lines that it is written in.

    Args:
        written: The file.
        traced: What becomes of it, with its slots filled.
        change: The change, of lines of what it comes to.

    Raises:
        NotTurned: It has no one place.
    """
    rendered = split_lines("".join(run.text for run in traced.runs))
    edit = _in_text(traced, rendered, change)
    found = in_lines(written, edit)
    for other in _slid(rendered, change):
        # Done elsewhere it would come to the same here, but not with other answers or parts.
        elsewhere = _in_text(traced, rendered, other)
        same = in_lines(written, elsewhere).part == found.part
        if not same or _home(traced, elsewhere) != _home(traced, edit):
            raise NotTurned(Why.SEAM)
    return found


def _in_text(traced: Traced, rendered: Sequence[str], change: Change) -> Edit:
    """Return the edit of a text that makes a change of the lines that it comes to."""
    start = sum(map(len, rendered[: change.start]))
    old = "".join(rendered[change.start : change.end])
    new = b"".join(change.lines).decode("utf-8")
    if any(
        not run.direct and run.start is not None
        for run, _, _ in _cover(traced, start, start + len(old))
    ):
        raise NotTurned(Why.COMPUTED)
    known = [(begin - start, end - start) for begin, end in _given(traced.runs)]
    within = [(b, e) for b, e in known if b < len(old) and e > 0]
    edits = [
        Edit(start + begin, start + end, text)
        for begin, end, text in _around(old, new, within)
        if old[begin:end] != text
    ]
    return _joined(traced, [_in_source(traced, e) for e in edits])


def _cover(traced: Traced, start: int, end: int) -> list[tuple[Run, int, int]]:
    """Return the runs that some of what a text comes to is in, each with the part of it: (run, start, end)."""
    covered = []
    position = 0
    for run in traced.runs:
        one, other = max(start - position, 0), min(end - position, len(run.text))
        if one < other:
            covered.append((run, one, other))
        position += len(run.text)
    return covered


def _slid(rendered: Sequence[str], change: Change) -> Iterator[Change]:
    """Yield the other changes that come to the same: what comes or goes stands beside lines like it."""
    lines = [line.encode() for line in rendered]
    if change.start < change.end and change.lines:
        return
    start, end, new = change.start, change.end, change.lines
    while start > 0 and lines[start - 1] == (new or lines[start:end])[-1]:
        start, end, new = start - 1, end - 1, (lines[start - 1], *new[:-1]) if new else ()
        yield Change(start, end, new)
    start, end, new = change.start, change.end, change.lines
    while end < len(lines) and lines[end] == (new or lines[start:end])[0]:
        start, end, new = start + 1, end + 1, (*new[1:], lines[end]) if new else ()
        yield Change(start, end, new)


def _home(traced: Traced, edit: Edit) -> int:
    """Return the number of the run of plain text that an edit is in."""
    return next(
        (
            number
            for number, run in enumerate(traced.runs)
            if run.start is not None
            and run.start <= edit.start
            and edit.end <= run.start + len(run.text)
        ),
        -1,
    )


def _given(runs: Sequence[Run]) -> Iterator[tuple[int, int]]:
    """Yield where there is what code gave."""
    position = 0
    for run in runs:
        if run.start is None:
            yield position, position + len(run.text)
        position += len(run.text)


# Around what code gave


def _around(old: str, new: str, given: Sequence[tuple[int, int]]) -> list[Edit]:
    """Return the edits that turn a text into another and leave what code gave in it exactly where it was."""
    if not given or not new:
        return [Edit(0, len(old), new)]
    values = {old[max(begin, 0) : end] for begin, end in given}
    if any(old.count(value) != new.count(value) for value in values):
        raise NotTurned(Why.ANSWER)
    middle = _trimmed(Edit(0, len(old), new), old)
    inside = [(b, e) for b, e in given if b < middle.end and e > middle.start]
    if not inside:
        if any(_grows(old, middle, each) for each in given):
            raise NotTurned(Why.ANSWER)
        return [middle]
    for begin, end in inside:
        # With its neighbours: they, too, are as they were.
        anchor = old[max(begin - 1, 0) : end + 1]
        if begin > 0 and end < len(old) and old.count(anchor) == new.count(anchor) == 1:
            at = new.index(anchor) + 1
            left = [each for each in given if each[1] <= begin]
            right = [(b - end, e - end) for b, e in given if b >= end]
            tail = _around(old[end:], new[at + end - begin :], right)
            return [
                *_around(old[:begin], new[:at], left),
                *(Edit(e.start + end, e.end + end, e.text) for e in tail),
            ]
    raise NotTurned(Why.ANSWER)


def _trimmed(edit: Edit, old: str) -> Edit:
    """Return an edit without what stays as it is at its ends; `old` is what it replaces."""
    before = _common(old, edit.text)
    after = _common(old[before:][::-1], edit.text[before:][::-1])
    text = edit.text[before : len(edit.text) - after]
    return Edit(edit.start + before, edit.end - after, text)


def _common(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _grows(old: str, edit: Edit, given: tuple[int, int]) -> bool:
    """Return whether an edit makes another word of what code gave."""
    begin, end = given
    touching = ""
    if edit.start == end:
        touching = old[end : max(edit.end, end)][:1] + (edit.text + old[edit.end :])[:1]
    elif edit.end == begin:
        touching = old[edit.start : begin][-1:] + (old[: edit.start] + edit.text)[-1:]
    return bool(_WORD.search(touching))


# From what it comes to, to the text


def _in_source(traced: Traced, edit: Edit) -> Edit:
    """Return the edit of a text that makes an edit of what it comes to."""
    output = "".join(run.text for run in traced.runs)
    covered = _cover(traced, edit.start, edit.end)
    if len(covered) > 1 and edit.text:
        edit = _trimmed(edit, output[edit.start : edit.end])
        covered = _cover(traced, edit.start, edit.end)
    if not covered:
        place = _within_line(traced, output, edit)
        place = _insertion(traced, edit.start) if place is None else place
        return Edit(place, place, edit.text)
    first, last = covered[0], covered[-1]
    start, end = _direct(first[0]) + first[1], _direct(last[0]) + last[2]
    if len(covered) > 1 and edit.text:
        raise NotTurned(Why.SEAM)
    direct = [run for run, _, _ in covered if run.start is not None]
    for one, other in pairwise(direct):
        if not _is_simple(traced, _direct(one) + len(one.text), _direct(other)):
            raise NotTurned(Why.COMPUTED)
    return Edit(start, end, edit.text)


def _within_line(traced: Traced, output: str, edit: Edit) -> int | None:
    """Return the place for more in a line whose own text is in one run, be it at an end of that; None for others."""
    start = output.rfind("\n", 0, edit.start) + 1
    line = output[start:].partition("\n")[0]
    first = start + len(line) - len(line.lstrip())
    last = start + len(line.rstrip())
    covered = _cover(traced, first, last)
    if edit.text.endswith("\n") or len(covered) != 1 or not first <= edit.start <= last:
        return None
    run, begin, _ = covered[0]
    return _direct(run) + begin + edit.start - first


def _insertion(traced: Traced, place: int) -> int:
    """Return the one place in a text for something new in what it comes to."""
    above: Run | None = None
    below: Run | None = None
    position = 0
    for run in traced.runs:
        end = position + len(run.text)
        if position < place < end:
            return _direct(run) + place - position
        above = run if place == end else above
        below = run if place == position else below
        position = end
    start: int | None = 0 if above is None else _ending(above)
    last: int | None = len(traced.source) if below is None else _beginning(below)
    if start is not None and start == last:
        return start
    if (start, last) in traced.raw:  # outside of it
        assert start is not None and last is not None  # noqa: S101, PT018  (they are in there)
        return last if "end" in traced.source[start:last] else start
    for begin, stop in traced.expressions:
        if last is None and begin == start:
            return begin
        if start is None and stop == last:
            return stop
    raise NotTurned(Why.SEAM)


def _beginning(run: Run) -> int | None:
    return None if run.start is None else _direct(run)


def _ending(run: Run) -> int | None:
    return None if run.start is None else _direct(run) + len(run.text)


def _direct(run: Run) -> int:
    if run.start is None or not run.direct:
        raise NotTurned(Why.COMPUTED)
    return run.start


def _is_simple(traced: Traced, start: int, end: int) -> bool:
    """Return whether there is nothing but plain expressions between two places of a text."""
    for begin, stop in sorted((*traced.expressions, *traced.raw)):
        if begin == start:
            start = stop
    return start == end


def _joined(traced: Traced, edits: Sequence[Edit]) -> Edit:
    """Return one edit that does what several do, in order."""
    if not edits:
        raise NotTurned(Why.OTHERWISE)
    text = edits[0].text
    for one, other in pairwise(edits):
        if other.start < one.end:
            raise NotTurned(Why.COMPUTED)
        text += traced.source[one.end : other.start] + other.text
    return Edit(edits[0].start, edits[-1].end, text)


def keeps_code(old: Sequence[str], new: Sequence[str]) -> bool:
    """Return whether a text's code is what it was, at most less."""
    rest = iter(old)
    return all(word in rest for word in new)

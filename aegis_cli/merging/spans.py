"""Runs of lines, followed back through a change: which lines of the old version became these of the new one."""

from __future__ import annotations

from collections.abc import Sequence

from aegis_cli.merging.diff import Edit

Span = tuple[int, int]
"""A run of lines: the index of the first, and the index behind the last. An empty one is a place between lines."""


def touches(edits: Sequence[Edit], span: Span) -> bool:
    """Return whether a change concerns a run of lines of the new version: its lines, or what stood at its ends."""
    return any(_touches(edit, span) for edit in edits)


def _touches(edit: Edit, span: Span) -> bool:
    start, end = span
    if start == end or edit.new_start == edit.new_end:
        return edit.new_start <= end and start <= edit.new_end
    return edit.new_start < end and start < edit.new_end


def before(edits: Sequence[Edit], span: Span) -> Span:
    """Return the run of lines of the old version that became one of the new, with all that changed in it."""
    touching = [edit for edit in edits if _touches(edit, span)]
    start, end = _moved(edits, span[0]), _moved(edits, span[1])
    starts = [edit.start for edit in touching if edit.new_start <= span[0]]
    ends = [edit.end for edit in touching if edit.new_end >= span[1]]
    start = min([start, *starts])
    return start, max([start, end, *ends])


def _moved(edits: Sequence[Edit], position: int) -> int:
    """Return where a place between lines of the new version is in the old one."""
    moved = 0
    for edit in edits:
        if position < edit.new_end or position <= edit.new_start:
            return min(position, edit.new_start) + moved
        moved = edit.end - edit.new_end
    return position + moved

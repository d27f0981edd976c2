"""A file of the template as it is written, with its parts apart, and edits of its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from aegis_cli.template.slots import Line, filled, find_slots, has_slots, split_lines

Parts = Mapping[str, Sequence[bytes]]
"""{slot: the texts that fill it}."""
Part = tuple[str, int]
"""A slot, and which of its parts."""


class Why(StrEnum):
    """Why a change is not turned back."""

    NOT_THEIRS = "no file of the template"
    NEW = "a new file"
    RENAMED = "a file with another name"
    DELETED = "a file that has parts, or was changed before"
    BINARY = "no text"
    YOURS = "lines that differ from the template's"
    OPAQUE = "a file that cannot be followed"
    COMPUTED = "lines that code gave"
    ANSWER = "what an answer came to"
    SEAM = "several places"
    CODE = "what the template would take for code"
    OTHERWISE = "comes out otherwise"


class NotTurned(Exception):
    """A change has no one place in the template."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class Edit(NamedTuple):
    """The characters from `start` up to `end` become `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class LineEdit:
    """The lines from `start` up to `end` of a file, or of a part for one of its slots, become others."""

    part: Part | None
    start: int
    end: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """A file of the template as it is written: a shared file, and what fills its slots."""

    own: bytes
    parts: Parts
    slotted: bool

    def lines(self) -> list[Line]:
        """Return its lines with the slots filled."""
        if self.slotted and has_slots(self.own):
            return filled(self.own, self.parts)
        lines = split_lines(self.own.decode("utf-8", "surrogateescape"))
        return [Line(line, number) for number, line in enumerate(lines)]

    def text(self) -> bytes:
        """Return it with the slots filled."""
        return "".join(line.text for line in self.lines()).encode("utf-8", "surrogateescape")

    def source(self, part: Part | None) -> bytes:
        """Return the text of the file, or of one of its parts."""
        return self.own if part is None else self.parts[part[0]][part[1]]

    def edited(self, edit: LineEdit) -> Written:
        """Return the same with an edit.

        Raises:
            NotTurned: It would change what the file's slots are.
        """
        old = self.source(edit.part).decode("utf-8")
        lines = split_lines(old)
        new = "".join([*lines[: edit.start], *edit.lines, *lines[edit.end :]]).encode()
        if edit.part is not None:
            slot, which = edit.part
            texts = [*self.parts[slot]]
            texts[which] = new
            return replace(self, parts={**self.parts, slot: texts})
        if self.slotted and _slots(old) != _slots(new.decode()):
            raise NotTurned(Why.CODE)
        return replace(self, own=new)


def _slots(text: str) -> list[tuple[str, str]]:
    return [(slot.name, slot.indent) for slot in find_slots(split_lines(text))]


def in_lines(written: Written, edit: Edit) -> LineEdit:
    """Return which lines of which file an edit changes."""
    lines = written.lines()
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.text))
    at_line = edit.start in starts
    whole = not edit.text or edit.text.endswith("\n")
    if edit.start == edit.end and at_line and (whole or edit.start == starts[-1]):
        return _between(written, lines, starts.index(edit.start), edit.text)
    first = max(n for n, start in enumerate(starts[:-1]) if start <= edit.start)
    last = max(n for n, start in enumerate(starts[:-1]) if start < max(edit.end, edit.start + 1))
    # Where the end of a line goes, what is left of it is joined to the next.
    joined = not edit.text.endswith("\n") if edit.text else not at_line
    if joined and edit.end == starts[last + 1] and last + 1 < len(lines):
        last += 1
    touched = lines[first : last + 1]
    start, end = _run(touched)
    old = "".join(line.text for line in touched)
    new = old[: edit.start - starts[first]] + edit.text + old[edit.end - starts[first] :]
    return LineEdit(touched[0].part, start, end, _outdented(split_lines(new), touched[0].indent))


def _run(lines: Sequence[Line]) -> tuple[int, int]:
    """Return (start, end) of lines that follow each other in one place."""
    numbers = [line.number for line in lines]
    first = numbers[0]
    if first is None or any(line.part != lines[0].part for line in lines):
        raise NotTurned(Why.SEAM)
    if numbers != list(range(first, first + len(lines))):
        raise NotTurned(Why.SEAM)
    return first, first + len(lines)


def _between(written: Written, lines: Sequence[Line], number: int, text: str) -> LineEdit:
    """Return where whole lines go, if what is above and below follow each other in one place."""
    around = lines[max(number - 1, 0) : number + 1]
    count = len(split_lines(written.own.decode()))
    if not around:
        start = place = 0
        part, indent = None, ""
    else:
        start, _ = _run(around)
        place = start + (number > 0)
        part, indent = around[0].part, around[0].indent
    if number in (0, len(lines)) and (part is not None or place not in (0, count)):
        raise NotTurned(Why.SEAM)  # a slot that nothing fills may be beyond
    if place and not around[0].text.endswith("\n"):
        raise NotTurned(Why.SEAM)
    return LineEdit(part, place, place, _outdented(split_lines(text), indent))


def _outdented(lines: Sequence[str], indent: str) -> tuple[str, ...]:
    """Return lines as a part has them."""
    if any(line.strip() and not line.startswith(indent) for line in lines):
        raise NotTurned(Why.SEAM)
    return tuple(line.removeprefix(indent) if line.strip() else line for line in lines)

"""Slots: named places in shared files, and filling them. docs/writing-a-component.md is the guide to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aegis_cli.errors import CompositionError

COMMENTS = {
    "#": "Python, TOML, YAML, Makefile, Dockerfile, `.env`, `.gitignore`",
    "<!--": "Markdown, HTML",
    "//": "JavaScript, JSON with comments",
}
"""How the comment begins that a slot is, and in which files."""
FORMS = {
    "slot: NAME": "The parts. Without any, nothing: the line goes, and blank lines after it, if it stands after one.",
    "slot: NAME (default)": "The parts. Without any, the lines that follow, up to a line `end slot`.",
    "slot: NAME (frame: TEXT)": "TEXT, and below it the parts, which are indented more. Without any, nothing.",
    "slot: NAME (last first)": "The parts, the last one of the catalogue's order first. Without any, nothing.",
}
"""How a slot is written, and what comes to stand there."""
_OPEN = "|".join(COMMENTS)
_SLOT = re.compile(
    rf"^(?P<indent>[ \t]*)(?:{_OPEN})[ \t]*slot:[ \t]*(?P<name>[a-z0-9][a-z0-9-]*)"
    r"(?:[ \t]*\((?P<option>default|last first|frame:[ \t]*(?P<frame>[^\r\n]*?))\))?[ \t]*(?:-->)?[ \t]*$"
)
_END = re.compile(rf"^[ \t]*(?:{_OPEN})[ \t]*end slot[ \t]*(?:-->)?[ \t]*$")
_SIGN = b"slot:"
_LONGEST = 1000  # characters of a line with a slot


class MalformedSlot(CompositionError, ValueError):
    """The slots of a file are not as they should be."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"The slots of a shared file are malformed: {problem}.")
        self.problem = problem

    def __str__(self) -> str:
        """Return what is wrong, without the sentence around it."""
        return self.problem


@dataclass(frozen=True)
class Slot:
    """One slot of a file: lines `start` to `end` (exclusive) of the file are its own; `FORMS` says what the rest is."""

    name: str
    indent: str
    frame: str | None
    default: tuple[str, ...]
    last_first: bool
    start: int
    end: int


def find_slots(lines: Sequence[str]) -> list[Slot]:
    """Return the slots of a file, in order.

    Raises:
        MalformedSlot: A slot with a default has no end, or two have the same name.
    """
    slots: list[Slot] = []
    position = 0
    while position < len(lines):
        match = (
            _SLOT.match(lines[position].rstrip("\r\n")) if len(lines[position]) < _LONGEST else None
        )
        if not match:
            position += 1
            continue
        end = position + 1
        default: tuple[str, ...] = ()
        if match["option"] == "default":
            closing = next((i for i in range(end, len(lines)) if _ends(lines[i])), None)
            if closing is None:
                raise MalformedSlot(
                    f"slot '{match['name']}' has a default without an 'end slot' line"
                )
            default = tuple(lines[end:closing])
            end = closing + 1
        if any(slot.name == match["name"] for slot in slots):
            raise MalformedSlot(f"slot '{match['name']}' stands there twice")
        last_first = match["option"] == "last first"
        slots.append(
            Slot(match["name"], match["indent"], match["frame"], default, last_first, position, end)
        )
        position = end
    return slots


def _ends(line: str) -> bool:
    return len(line) < _LONGEST and bool(_END.match(line.rstrip("\r\n")))


def split_lines(text: str) -> list[str]:
    """Split at line feeds alone: other signs that Python takes for the end of a line are text."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def has_slots(content: bytes) -> bool:
    """Return whether a file may have slots: cheap, and right when it says no."""
    return _SIGN in content


class Line(NamedTuple):
    """A line of a file whose slots are filled, and where it comes from.

    Attributes:
        text: The line.
        number: Its number in the file, or in the part; None for a frame.
        part: The slot, and which of its parts; None for a line of the file's own.
        indent: What was put before a part's line.
    """

    text: str
    number: int | None
    part: tuple[str, int] | None = None
    indent: str = ""


def fill(content: bytes, parts: Mapping[str, Sequence[bytes]]) -> bytes:
    """Replace every slot by its parts, its default, or nothing.

    Args:
        content: The shared file.
        parts: {slot: the parts, in order}. Slots that it does not name have none.

    Raises:
        KeyError: A part is for a slot that the file does not have.
        MalformedSlot: The file's slots are malformed.
    """
    lines = filled(content, parts)
    return "".join([line.text for line in lines]).encode("utf-8", "surrogateescape")


def filled(content: bytes, parts: Mapping[str, Sequence[bytes]]) -> list[Line]:
    """Do the same as `fill`, and tell of each line where it comes from."""
    text = content.decode("utf-8", "surrogateescape")
    lines = split_lines(text)
    slots = find_slots(lines)
    missing = parts.keys() - {slot.name for slot in slots}
    if missing:
        raise KeyError(min(missing))
    out: list[Line] = []
    position = 0
    for slot in slots:
        out += _own(lines, position, slot.start)
        position = slot.end
        newline = "\r\n" if lines[slot.start].endswith("\r\n") else "\n"
        body = list(_body(slot, parts.get(slot.name, ()), newline))
        out += body
        if not body and (not out or not out[-1].text.strip()):
            while position < len(lines) and not lines[position].strip():
                position += 1
    out += _own(lines, position, len(lines))
    return out


def _own(lines: Sequence[str], start: int, end: int) -> Iterator[Line]:
    return (Line(lines[number], number) for number in range(start, end))


def _body(slot: Slot, parts: Sequence[bytes], newline: str) -> Iterator[Line]:
    if not parts:
        yield from (Line(line, slot.start + 1 + n) for n, line in enumerate(slot.default))
        return
    if slot.frame is not None:
        yield Line(slot.indent + slot.frame + newline, None)
    numbered = list(enumerate(parts))
    for which, part in reversed(numbered) if slot.last_first else numbered:
        text = part.decode("utf-8", "surrogateescape").rstrip().replace("\r", "")
        for number, line in enumerate(text.split("\n")):
            indent = slot.indent if line else ""
            yield Line(indent + line + newline, number, (slot.name, which), slot.indent)

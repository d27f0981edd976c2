"""Slots: named places in shared files, and filling them. docs/writing-a-component.md is the specification."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SLOT = re.compile(
    r"^(?P<indent>[ \t]*)(?P<open>#|<!--|//)[ \t]*slot:[ \t]*(?P<name>[a-z0-9][a-z0-9-]*)"
    r"(?:[ \t]*\((?P<option>default|frame:[ \t]*(?P<frame>[^\r\n]*?))\))?[ \t]*(?:-->)?[ \t]*$"
)
_END = re.compile(r"^[ \t]*(?:#|<!--|//)[ \t]*end slot[ \t]*(?:-->)?[ \t]*$")
_SIGN = b"slot:"


@dataclass(frozen=True)
class Slot:
    """One slot of a file: lines `start` to `end` (exclusive) of the file are its own."""

    name: str
    indent: str
    frame: str | None
    default: tuple[str, ...]
    start: int
    end: int


def find_slots(lines: Sequence[str]) -> list[Slot]:
    """Return the slots of a file, in order.

    Raises:
        ValueError: A slot with a default has no end, or two have the same name.
    """
    slots: list[Slot] = []
    position = 0
    while position < len(lines):
        match = _SLOT.match(lines[position].rstrip("\r\n"))
        if not match:
            position += 1
            continue
        end = position + 1
        default: tuple[str, ...] = ()
        if match["option"] == "default":
            closing = next((i for i in range(end, len(lines)) if _ends(lines[i])), None)
            if closing is None:
                raise ValueError(f"slot '{match['name']}' has a default without an 'end slot' line")
            default = tuple(lines[end:closing])
            end = closing + 1
        if any(slot.name == match["name"] for slot in slots):
            raise ValueError(f"slot '{match['name']}' stands there twice")
        slots.append(
            Slot(match["name"], match["indent"], match["frame"], default, position, end)
        )
        position = end
    return slots


def _ends(line: str) -> bool:
    return bool(_END.match(line.rstrip("\r\n")))


def split_lines(text: str) -> list[str]:
    """Split at line feeds alone: other signs that Python takes for the end of a line are text."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def has_slots(content: bytes) -> bool:
    """Return whether a file may have slots: cheap, and right when it says no."""
    return _SIGN in content


def fill(content: bytes, parts: Mapping[str, Sequence[bytes]]) -> bytes:
    """Replace every slot by its parts, its default, or nothing.

    Args:
        content: The shared file.
        parts: {slot: the parts, in order}. Slots that it does not name have none.

    Raises:
        KeyError: A part is for a slot that the file does not have.
        ValueError: The file's slots are malformed.
    """
    text = content.decode("utf-8", "surrogateescape")
    lines = split_lines(text)
    slots = find_slots(lines)
    missing = parts.keys() - {slot.name for slot in slots}
    if missing:
        raise KeyError(min(missing))
    out: list[str] = []
    position = 0
    for slot in slots:
        out += lines[position : slot.start]
        position = slot.end
        newline = "\r\n" if lines[slot.start].endswith("\r\n") else "\n"
        body = _body(slot, parts.get(slot.name, ()), newline)
        out += body
        if not body and (not out or not out[-1].strip()):
            while position < len(lines) and not lines[position].strip():
                position += 1
    out += lines[position:]
    return "".join(out).encode("utf-8", "surrogateescape")


def _body(slot: Slot, parts: Sequence[bytes], newline: str) -> list[str]:
    if not parts:
        return list(slot.default)
    frame = [] if slot.frame is None else [slot.indent + slot.frame + newline]
    return frame + [
        (slot.indent + line if line else "") + newline
        for part in parts
        for line in part.decode("utf-8", "surrogateescape").rstrip().replace("\r", "").split("\n")
    ]


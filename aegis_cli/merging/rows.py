"""Rows: lines that say the same kind of thing, one after the other, in columns or under numbers that go on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aegis_cli.merging.finders import STRING

_JOB = re.compile(rb"(?:@\w+|(?:[\d*,/-]+\s+){2}(?:[\w*,/-]+\s+){2}[\w*,/-]+)\s+(\S.*)$")
_PORT = re.compile(rb"\w*PORT\s*=\s*(\d+)\s*$")
_NUMBERED = re.compile(rb"(\d+[.)])\s")
_CHECKSUM = re.compile(rb"[0-9a-fA-F]{32,128}\s+\*?(\S+)$")
# The heading of a release among those of a changelog, the newest of which stands in front.
_RELEASE = re.compile(
    rb"(?:#+\s+)?\[?(?:(?:version|release)\s+)?(?:v?\d+(?:\.\d+)+[\w.+-]*|unreleased)\]?(?:\s*[-(\xe2].*)?$",
    re.IGNORECASE,
)
_OPEN = (b"(", b"[", b"{")
_GIVEN = re.compile(rb"[^\s=:(]+[\"']?\s*(?::[^=]+)?[=:]\s*[\"']?(\d+)[\"']?\s*,?\s*(?:#.*)?$")


def in_csv(line: bytes, _: bytes) -> Iterator[bytes]:
    """A row, by its first column."""
    yield b"row " + re.split(rb"[,;\t]", line)[0].strip(b"\"' ")


def in_crontab(line: bytes, _: bytes) -> Iterator[bytes]:
    """A job, by its command: at another time it is still the same."""
    if found := _JOB.match(line):
        yield b"job " + found[1]


def in_env(line: bytes, _: bytes) -> Iterator[bytes]:
    """A port, which one program can have."""
    if found := _PORT.match(line):
        yield b"port " + found[1]


def in_text(line: bytes, _: bytes) -> Iterator[bytes]:
    """A line that begins with a number of its own; the checksum of a file."""
    if found := _NUMBERED.match(line):
        yield found[1]
    elif found := _CHECKSUM.match(line):
        yield b"checksum of " + found[1]


def columns(text: bytes, *, is_table: bool) -> int:
    """How many columns a row has; 0 for a line that is none.

    Args:
        text: A line.
        is_table: Whether every line is a row; else those are that stand in brackets.
    """
    word = STRING.sub(b"''", text.strip()).rstrip(b",")
    if is_table:
        return len(re.split(rb"[,;\t]", word))
    if not word.startswith(_OPEN) or not word.endswith((b")", b"]", b"}")):
        return 0
    depth, count = 0, 1
    for sign in word[1:-1].rstrip(b", "):
        depth += (sign in b"([{") - (sign in b")]}")
        count += sign == ord(",") and not depth
    return count


def go_on_alike(front: Sequence[bytes], *sides: Sequence[bytes]) -> bool:
    """Whether both sides go on with a numbering behind some lines, and both with the same number."""
    if not front or not all(sides):
        return False
    last, *numbers = (_number(text) for text in (front[-1], *(side[0] for side in sides)))
    return last is not None and all(number == last + 1 for number in numbers)


def are_releases(*sides: Sequence[bytes]) -> bool:
    """Whether each side brings a release of a changelog."""
    return all(any(_RELEASE.match(text.strip()) for text in side) for side in sides)


def _number(text: bytes) -> int | None:
    found = _GIVEN.match(text.strip())
    return int(found[1]) if found else None

"""Texts within a file whose kind one side changed, while the other side put lines into them as they were before.

A block of YAML whose lines are joined now, a string of Python that is formatted now, a document of a shell script in
which variables are no more put in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from aegis_cli.merging.diff3 import Change, Lines
from aegis_cli.merging.formats import Format
from aegis_cli.merging.line import indentation
from aegis_cli.merging.strings import strings

_BLOCK = re.compile(rb"(\s*(?:-\s+)?)[\w.\"'-]+\s*:\s*([|>])[-+\d]*\s*(?:#.*)?$")
_PREFIX = re.compile(rb"(?<![\w\"'])([rRbBuUfF]*)(?:\"\"\"|''')")
_DOCUMENT = re.compile(rb".*<<-?\s*([\"'\\]?)(\w+)")
_SHELLS = frozenset({Format.SHELL, Format.DOCKER})
# What says something else in a text of one kind than in one of another.
_IN_SHELL = re.compile(rb"[$`\\]")
_FORMATTED, _ESCAPED = re.compile(rb"[{}]"), re.compile(rb"\\")


class _Text(NamedTuple):
    """A text over several lines: where it begins, where it ends, and of what kind it is."""

    start: int
    end: int
    style: bytes


def of_another_kind(kind: Format, base: Lines, made: Sequence[Sequence[Change]]) -> set[Change]:
    """The changes of which one makes a text one of another kind, and the other brings lines to it."""
    found: set[Change] = set()
    texts = list(_texts(kind, base))
    for side, other in (made, reversed(made)):
        for text in texts:
            for change in side:
                if not change.start <= text.start < change.end:
                    continue
                now = {x.style for x in _texts(kind, change.lines)}
                if not now or text.style in now:
                    continue
                inside = {x for x in other if text.start < x.start <= text.end}
                said = [line for x in inside for line in x.lines]
                if any(_means_another(kind, text.style, style, said) for style in now):
                    found |= {change, *inside}
    return found


def _means_another(kind: Format, was: bytes, now: bytes, lines: Sequence[bytes]) -> bool:
    if kind is Format.YAML:
        return bool(lines)
    if kind in _SHELLS:
        return any(map(_IN_SHELL.search, lines))
    differs = {*was} ^ {*now}
    return (ord("f") in differs and any(map(_FORMATTED.search, lines))) or (
        ord("r") in differs and any(map(_ESCAPED.search, lines))
    )


def _texts(kind: Format, lines: Lines) -> Iterator[_Text]:
    if kind is Format.PYTHON:
        yield from _strings(lines)
    for at, line in enumerate(lines):
        if kind is Format.YAML and (found := _BLOCK.match(line)):
            inside = range(at + 1, len(lines))
            deep = len(found[1])
            is_out = (i for i in inside if lines[i].strip() and indentation(lines[i]) <= deep)
            yield _Text(at, next(is_out, len(lines)), found[2])
        elif kind in _SHELLS and (found := _DOCUMENT.match(line)):
            word = found[2]
            ends = (i for i in range(at + 1, len(lines)) if lines[i].strip() == word)
            yield _Text(at, next(ends, len(lines)), b"plain" if found[1] else b"filled")


def _strings(lines: Lines) -> Iterator[_Text]:
    ends = {x.start - 1: x.stop - 1 for x in strings(lines)}
    for at, line in enumerate(lines):
        prefixes = _PREFIX.findall(line)
        if prefixes and (at in ends or len(prefixes) % 2):
            yield _Text(at, ends.get(at, at), prefixes[-1].lower())

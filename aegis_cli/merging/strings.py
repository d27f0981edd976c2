"""Strings of Python over several lines: what stands in one is a query or a text, in an order of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_PIECE = re.compile(
    rb"#[^\n]*|(\"\"\"|''')((?:\\.|(?!\1).)*)(\1)?|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?",
    re.DOTALL,
)
_LEADS = (b"(", b"[", b"{", b",", b"=", b"\\")


def is_in_string(front: Sequence[bytes]) -> bool:
    """Whether a place in a program is in a string that is no docstring.

    Args:
        front: All lines in front of the place.
    """
    text = b"".join(front)
    if b'"""' not in text and b"'''" not in text:
        return False
    opened = -1
    for found in _PIECE.finditer(text):
        if found[1] and not found[3]:
            opened = found.start()
    if opened < 0:
        return False
    leading, _, before = text[:opened].rpartition(b"\n")
    if before.strip().strip(b"rRbBuUfF"):
        return True
    return leading.rstrip().endswith(_LEADS)


def strings(lines: Sequence[bytes]) -> Iterator[range]:
    """The lines of each string over several lines, the one that it begins in left out."""
    text = b"".join(lines)
    if b'"""' not in text and b"'''" not in text:
        return
    counted = at = 0
    for found in _PIECE.finditer(text):
        if found[1] and b"\n" in found[0]:
            at += text.count(b"\n", counted, found.start())
            counted = found.start()
            yield range(at + 1, at + 1 + found[0].count(b"\n"))

"""Values that differ from one render to the next (random secrets, the date): the user's own is kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from difflib import SequenceMatcher

_ENDS = [bytes([sign]) for sign in b"\"'`)>]},;:. \t\r\n"]
_SIGNS = [bytes([sign]) for sign in b"=:\"'`(<>[{,; \t"]


def is_same(now: bytes, first: bytes, second: bytes) -> bool:
    """Return whether a render differs from another one only where that varies.

    Args:
        now: The render.
        first: The other one.
        second: That once more; where the two differ it varies.
    """
    lines = [text.splitlines(keepends=True) for text in (now, first, second)]
    if len({len(each) for each in lines}) > 1:
        return False
    return all(map(_is_same_line, *lines))


def _is_same_line(now: bytes, first: bytes, second: bytes) -> bool:
    if first == second:
        return now == first
    head, tail = _around(first, second)
    return len(now) >= len(head) + len(tail) and now.startswith(head) and now.endswith(tail)


def settle_file(first: bytes, second: bytes, current: bytes) -> bytes:
    """Return `first` with what differs from `second` as it stands in `current`.

    A line with a varying value is found again by the lines around it, and by what stands before the value in it. A line
    that is not found keeps the new value.
    """
    ours, others = first.splitlines(keepends=True), second.splitlines(keepends=True)
    if len(ours) != len(others):
        return current
    spans = {
        number: _around(line, other)
        for number, (line, other) in enumerate(zip(ours, others, strict=True))
        if line != other
    }
    known = current.splitlines(keepends=True)
    steady = [None if number in spans else line for number, line in enumerate(ours)]
    free = set(range(len(known)))
    for _, i1, i2, j1, j2 in SequenceMatcher(None, steady, known, autojunk=False).get_opcodes():
        for number in range(i1, i2):
            if number in spans:
                _take(ours, number, known, spans, free & set(range(j1, j2)), free)
    for number in [n for n, (head, _) in spans.items() if head]:  # lines that have moved
        _take(ours, number, known, spans, free, free)
    return b"".join(ours)


def _take(
    ours: list[bytes],
    number: int,
    known: Sequence[bytes],
    spans: dict[int, tuple[bytes, bytes]],
    candidates: Collection[int],
    free: set[int],
) -> None:
    head, tail = spans[number]
    for index in sorted(candidates):
        if known[index].startswith(head):
            ours[number] = _with_value(ours[number], head, tail, known[index])
            free.discard(index)
            spans.pop(number)
            return


def _with_value(line: bytes, head: bytes, tail: bytes, known: bytes) -> bytes:
    """Return a line with the value that a known one has behind the same beginning.

    Where the rest of the line has changed, the value must be sure: a date or a number, which has one shape; or letters
    and digits of the same length, up to a sign that ends them. Otherwise the known line stays as a whole.
    """
    value = line[len(head) : len(line) - len(tail)]
    rest = known[len(head) :]
    kept, after = rest[: len(value)], rest[len(value) : len(value) + 1]
    ended = not (kept[-1:].isalnum() and after.isalnum())
    dated = _shape(value) == _shape(kept) and not any(map(bytes.isalpha, _signs(value)))
    plain = value.isalnum() and kept.isalnum() and not rest.endswith(tail)
    return head + kept + tail if ended and len(kept) == len(value) and (dated or plain) else known


def _shape(value: bytes) -> bytes:
    return re.sub(rb"[0-9]", b"0", value)


def _signs(value: bytes) -> list[bytes]:
    return [value[n : n + 1] for n in range(len(value))]


def _around(line: bytes, other: bytes) -> tuple[bytes, bytes]:
    """Return what stands before and behind the value in which two lines differ.

    Values can begin and end alike by chance, so back to where this one begins, and on to where it ends.
    """
    length = next((n for n, (a, b) in enumerate(zip(line, other, strict=False)) if a != b), 0)
    head = line[: max(line.rfind(sign, 0, length) for sign in _SIGNS) + 1]
    ends = [line[len(head) :][::-1], other[len(head) :][::-1]]
    alike = next(
        (n for n, (a, b) in enumerate(zip(*ends, strict=False)) if a != b), min(map(len, ends))
    )
    tail = line[len(line) - alike :]
    start = min((n for n in (tail.find(sign) for sign in _ENDS) if n >= 0), default=len(tail))
    return head, tail[start:]

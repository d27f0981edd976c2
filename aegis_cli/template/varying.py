"""Values that differ from one render to the next (random secrets, the date): the user's own is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import SequenceMatcher

from aegis_cli.model import RenderedFile

_SIGNS = [bytes([sign]) for sign in b"=:\"'`(<>[{,; \t"]


def settle(
    first: Mapping[str, RenderedFile],
    second: Mapping[str, RenderedFile],
    current: Callable[[str], bytes | None],
) -> dict[str, RenderedFile]:
    """Return the first of two renders of the same thing, with what varies taken from the project as it is.

    Args:
        first: One render.
        second: Another one; where they differ, the value varies.
        current: Reads the project's file at a path, or None.
    """
    settled = dict(first)
    for path, file in first.items():
        other = second.get(path)
        if other is None or other.content == file.content:
            continue
        known = current(path)
        if known is not None:
            content = settle_file(file.content, other.content, known)
            settled[path] = RenderedFile(file.mode, content)
    return settled


def settle_file(first: bytes, second: bytes, current: bytes) -> bytes:
    """Return `first` with the lines that differ from `second` as they stand in `current`.

    A varying line is found again by the lines around it, and by what stands before the value in it. A line that is
    not found keeps the new value.
    """
    ours, others = first.splitlines(keepends=True), second.splitlines(keepends=True)
    if len(ours) != len(others):
        return current
    heads = {
        number: _head(line, other)
        for number, (line, other) in enumerate(zip(ours, others, strict=True))
        if line != other
    }
    known = current.splitlines(keepends=True)
    steady = [None if number in heads else line for number, line in enumerate(ours)]
    free = set(range(len(known)))
    for _, i1, i2, j1, j2 in SequenceMatcher(None, steady, known, autojunk=False).get_opcodes():
        for number in range(i1, i2):
            if number in heads:
                _take(ours, number, known, heads, free & set(range(j1, j2)), free)
    for number in [n for n, head in heads.items() if head]:  # lines that have moved
        _take(ours, number, known, heads, free, free)
    return b"".join(ours)


def _take(
    ours: list[bytes],
    number: int,
    known: Sequence[bytes],
    heads: dict[int, bytes],
    candidates: Collection[int],
    free: set[int],
) -> None:
    for index in sorted(candidates):
        if known[index].startswith(heads[number]):
            ours[number] = known[index]
            free.discard(index)
            heads.pop(number)
            return


def _head(line: bytes, other: bytes) -> bytes:
    """Return what stands before the value: values can begin alike by chance, so back to where this one begins."""
    length = next((n for n, (a, b) in enumerate(zip(line, other, strict=False)) if a != b), 0)
    return line[: max(line.rfind(sign, 0, length) for sign in _SIGNS) + 1]

"""Values that differ from one render to the next (random secrets, the date): the user's own is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aegis_cli.model import RenderedFile


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

    A varying line is found again by what comes before and after the value in it. A line that is not found keeps the new value.
    """
    ours, others = first.splitlines(keepends=True), second.splitlines(keepends=True)
    if len(ours) != len(others):
        return current
    known = current.splitlines(keepends=True)
    used: set[int] = set()
    for number, (line, other) in enumerate(zip(ours, others, strict=True)):
        if line == other:
            continue
        head = _common_start(line, other)
        tail = _common_start(line[len(head) :][::-1], other[len(head) :][::-1])[::-1]
        for index, candidate in enumerate(known):
            fits = len(candidate) > len(head) + len(tail)
            if index not in used and fits and candidate.startswith(head) and candidate.endswith(tail):
                ours[number] = candidate
                used.add(index)
                break
    return b"".join(ours)


def _common_start(one: bytes, other: bytes) -> bytes:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return one[:length]

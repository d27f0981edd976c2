"""The comma behind the last item of a list, which many formats do without: what comes behind the item brings it.

Lines that were put behind it have then changed its line as well, and so both sides always have. With a comma behind
it in all versions they have only put lines there; in the merged file it goes again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from aegis_cli.merging.diff3 import Lines, changes
from aegis_cli.merging.formats import Format
from aegis_cli.merging.line import CLOSERS
from aegis_cli.merging.line_endings import split
from aegis_cli.merging.names import bare

Versions = tuple[bytes, bytes, bytes]

_IN_LISTS = frozenset({Format.JSON, Format.TOML, Format.PYTHON, Format.CODE})
_REMARK = re.compile(rb"\s*(?:#|//|/\*)")
# No item of a list: what opens one, a statement, a line with a remark behind it.
_NO_ITEM = re.compile(rb".*(?:[(\[{,;:]\s*$|\s(?:#|//)\s)")


def with_commas(kind: Format, versions: Versions) -> Versions | None:
    """Three versions with a comma behind the last item of each list that somebody made longer; None if nobody did."""
    if kind not in _IN_LISTS:
        return None
    base, ours, theirs = map(split, versions)
    brought = {*ours, *theirs} - {*base}
    longer = {end for at, end in _last_items(base) if _ended(base[at]) in brought}
    if not longer:
        return None
    return (
        _with_commas(base, longer),
        _with_commas(ours, set(_ends(base, ours, longer))),
        _with_commas(theirs, set(_ends(base, theirs, longer))),
    )


def without_commas(merged: bytes, versions: Versions) -> bytes | None:
    """A merge of such versions, with commas where the list has them.

    Args:
        merged: The merge.
        versions: The three versions as they were.

    Returns:
        The merged file; None where what has got a comma may be no item of a list.
    """
    lines = [*split(merged)]
    own = [split(content) for content in versions]
    known = {line for version in own for line in version}
    with_comma = {version[at] for version in own for at, _ in _last_items(version)}
    behind = {bare(b) for version in own for a, b in _in_a_row(version) if bare(a) != a.strip()}
    last = {at for at, _ in _last_items(lines)}
    for at, (line, following) in enumerate(zip(lines, [*lines[1:], b""], strict=True)):
        if at in last:
            lines[at] = line if line in with_comma else _cut(line)
        elif line not in known and bare(line) != line.strip() and bare(following) not in behind:
            return None
    return b"".join(lines)


def _with_commas(lines: Lines, ends: set[int]) -> bytes:
    last = {at for at, end in _last_items(lines) if end in ends and not _NO_ITEM.match(lines[at])}
    return b"".join(_ended(line) if at in last else line for at, line in enumerate(lines))


def _last_items(lines: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """The lines behind which nothing stands but a bracket that ends a list, each with the line of that bracket."""
    at: int | None = None
    for position, line in enumerate(lines):
        word = line.strip()
        if not word or _REMARK.match(word):
            continue
        if at is not None and word.startswith(CLOSERS):
            yield at, position
        at = position


def _ends(base: Lines, side: Lines, ends: set[int]) -> Iterator[int]:
    """Where lines of base that a side left as they were stand in it."""
    made = changes(base, side)
    for end in ends:
        if not any(change.start <= end < change.end for change in made):
            yield end + sum(change.growth for change in made if change.end <= end)


def _in_a_row(lines: Lines) -> Iterator[tuple[bytes, bytes]]:
    yield from pairwise(x for x in lines if x.strip() and not _REMARK.match(x.strip()))


def _ended(line: bytes) -> bytes:
    text = line.rstrip()
    return text + b"," + line[len(text) :]


def _cut(line: bytes) -> bytes:
    text = line.rstrip()
    return text.removesuffix(b",") + line[len(text) :]

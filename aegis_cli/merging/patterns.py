"""Patterns of paths, of which the last that fits decides: `.gitignore`, `.gitattributes`, `CODEOWNERS`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import zip_longest

from aegis_cli.merging.formats import Format

_WILD = re.compile(r"[*?\[]")
_BRACES = re.compile(r"\{([^{}]*)\}")


def decide_by_order(kind: Format, one: bytes, other: bytes) -> bool:
    """Whether it matters which of two lines stands last: both may fit one path, and say different things of it.

    Args:
        kind: Of what kind of text they are.
        one: A line.
        other: Another.
    """
    a, b = (line.decode("utf-8", "surrogateescape").strip() for line in (one, other))
    if not a or not b or a.startswith("#") or b.startswith("#"):
        return False
    if kind is Format.PATTERNS:
        return a.startswith("!") != b.startswith("!") and may_fit_one(a.lstrip("!"), b.lstrip("!"))
    (first, *said), (second, *more) = a.split(), b.split()
    return said != more and may_fit_one(first, second)


def may_fit_one(one: str, other: str) -> bool:
    """Whether there can be a path that two patterns fit, or that stands in a folder that they fit."""
    a, b = one.strip("/").split("/"), other.strip("/").split("/")
    is_rooted = ["/" in pattern.rstrip("/") for pattern in (one, other)]
    if all(is_rooted):
        return _meet(a, b)
    if any(is_rooted):
        rooted, free = (one, b[0]) if is_rooted[0] else (other, a[0])
        return _is_folder(rooted) or any(
            _parts_meet(part, free) for part in rooted.strip("/").split("/")
        )
    return _is_folder(one) or _is_folder(other) or _parts_meet(a[0], b[0])


def may_be_of_one_file(one: bytes, other: bytes) -> bool:
    """Whether a file can be one of both sections of an `.editorconfig`: of settings given twice, the last counts."""
    a, b = (line.decode("utf-8", "surrogateescape").strip() for line in (one, other))
    if not (a.startswith("[") and b.startswith("[") and "*" in a + b):
        return False
    patterns = [list(_alternatives(text.partition("]")[0][1:])) for text in (a, b)]
    return any(may_fit_one(x, y) for x in patterns[0] for y in patterns[1])


def _alternatives(pattern: str) -> Iterator[str]:
    found = _BRACES.search(pattern)
    if not found:
        yield pattern
        return
    for part in found[1].split(","):
        yield from _alternatives(pattern[: found.start()] + part + pattern[found.end() :])


def _is_folder(pattern: str) -> bool:
    return pattern.endswith(("/", "/*", "/**"))


def _meet(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether paths can fit both from the top; what is shorter may be a folder."""
    for a, b in zip_longest(one, other):
        if a is None or b is None or "**" in (a, b):
            return True
        if not _parts_meet(a, b):
            return False
    return True


def _parts_meet(one: str, other: str) -> bool:
    """Whether a name can fit both."""
    if not _WILD.search(one):
        return fnmatchcase(one, other)
    if not _WILD.search(other):
        return fnmatchcase(other, one)
    starts = [_WILD.split(part)[0] for part in (one, other)]
    ends = [_WILD.split(part)[-1].rpartition("]")[2] for part in (one, other)]
    return _is_part(str.startswith, *starts) and _is_part(str.endswith, *ends)


def _is_part(holds: Callable[[str, str], bool], one: str, other: str) -> bool:
    return holds(one, other) or holds(other, one)

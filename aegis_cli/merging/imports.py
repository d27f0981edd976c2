"""Imports of Python, merged as what they are: names from modules, whose order and layout say nothing."""

from __future__ import annotations

import ast
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from aegis_cli.merging.diff3 import Lines
from aegis_cli.merging.line_endings import split

_WIDTH = 88  # a longer line is broken

Name = tuple[str, str | None]  # what is imported, and what it is called here
Module = tuple[int, str, Name | None]  # leading dots, its name; and the whole of an `import a as b`

_T = TypeVar("_T", bound=Hashable)


@dataclass(frozen=True)
class _Imports:
    """Import statements in a row.

    Attributes:
        modules: The names that are imported from each; none for `import a`.
        long: The modules whose statement has a line for each name.
        indent: What all lines begin with.
    """

    modules: dict[Module, list[Name]]
    long: frozenset[Module]
    indent: str

    def bound(self) -> Iterator[str]:
        """The names that the statements give."""
        for (_, _, whole), names in self.modules.items():
            for name, called in [whole] if whole else names:
                yield called or name.split(".")[0]


def are_imports(lines: Lines) -> bool:
    """Whether lines hold imports, and nothing else."""
    return _read(lines) is not None


def merge_imports(base: Lines, ours: Lines, theirs: Lines, whole: Sequence[Lines]) -> Lines | None:
    """Merge a hunk that holds nothing but imports.

    Args:
        base: The hunk, as both sides started from it; nothing where both inserted.
        ours: One side's.
        theirs: The other side's.
        whole: The file in the three versions. What one side does not import any more, no new line of the
            other may speak of.

    Returns:
        The hunk with what both sides import, or None where that has no one answer.
    """
    mine, yours = _read(ours), _read(theirs)
    was = _read(base) if base else mine and _Imports({}, frozenset(), mine.indent)
    if not (was and mine and yours and was.indent == mine.indent == yours.indent):
        return None
    if _replaced_apart([*was.modules], [*mine.modules], [*yours.modules]):
        return None
    modules = {}
    for module in _together(
        [*was.modules], [*mine.modules], [*yours.modules], orders=_MODULE_ORDERS
    ):
        versions = [side.modules.get(module, []) for side in (was, mine, yours)]
        if _replaced_apart(*versions):
            return None
        modules[module] = _together(*versions, orders=_NAME_ORDERS)
    for module in was.modules.keys() - modules.keys():
        if any(
            side.modules.get(module, was.modules[module]) != was.modules[module]
            for side in (mine, yours)
        ):
            return None  # one side took away what the other changed
    merged = _Imports(modules, mine.long | yours.long, mine.indent)
    names = list(merged.bound())
    if len(set(names)) < len(names) or any(not x for (_, _, y), x in modules.items() if not y):
        return None
    gone = set(was.bound()) - set(names)
    if any(
        _are_spoken_of(gone, Counter(side) - Counter(whole[0]) - Counter(hunk))
        for side, hunk in ((whole[1], ours), (whole[2], theirs))
    ):
        return None
    blank = _blank_end(ours)
    if blank != _blank_end(theirs) or blank != _blank_end(base or ours):
        return None
    end = "\r\n" if ours[-1].endswith(b"\r\n") else "\n"
    lines = (*_written(merged), *("" for _ in range(blank)))
    return split("".join(line + end for line in lines).encode())


def _blank_end(lines: Lines) -> int:
    """How many blank lines stand at the end."""
    return next(at for at, line in enumerate(reversed(lines)) if line.strip())


def _read(lines: Lines) -> _Imports | None:
    """The imports that lines hold; None where anything else stands there."""
    text = b"".join(lines).decode("utf-8", "surrogateescape")
    kept = text.rstrip().splitlines()
    if any(sign in text for sign in "#;\\*") or not all(line.strip() for line in kept):
        return None
    try:
        body = ast.parse(textwrap.dedent(text)).body
    except (SyntaxError, ValueError):
        return None
    modules: dict[Module, list[Name]] = {}
    long: set[Module] = set()
    for statement in body:
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            return None
        names = [(alias.name, alias.asname) for alias in statement.names]
        if isinstance(statement, ast.ImportFrom):
            found: dict[Module, list[Name]] = {
                (statement.level, statement.module or "", None): names
            }
        else:
            found = {(0, name[0], name): [] for name in names}
        height = (statement.end_lineno or statement.lineno) - statement.lineno + 1
        if height not in (1, len(names) + 2) or found.keys() & modules.keys():
            return None
        modules |= found
        long.update(found if height > 1 else ())
    return (
        _Imports(modules, frozenset(long), text[: len(text) - len(text.lstrip())]) if body else None
    )


def _together(
    base: Sequence[_T],
    ours: Sequence[_T],
    theirs: Sequence[_T],
    *,
    orders: Sequence[Callable[[_T], Any]],
) -> list[_T]:
    """What three lists of different things come to, in an order that all have; else in that of ours."""
    merged = [x for x in ours if x in theirs or x not in base]
    for at, new in enumerate(theirs):
        if new not in merged and new not in base:
            before = [merged.index(x) for x in theirs[:at] if x in merged]
            merged.insert(max(before, default=-1) + 1, new)
    for order in orders:
        if all(list(side) == sorted(side, key=order) for side in (base, ours, theirs)):
            return sorted(merged, key=order)
    return merged


def _replaced_apart(base: Sequence[_T], ours: Sequence[_T], theirs: Sequence[_T]) -> bool:
    """Whether both took one thing away, and each may have put another in its place."""
    come = [{x for x in side if x not in base} for side in (ours, theirs)]
    is_gone = any(x not in ours and x not in theirs for x in base)
    return is_gone and bool(come[0] - come[1]) and bool(come[1] - come[0])


def _by_kind(name: Name) -> tuple[int, str, str]:
    """Constants, then classes, then all others, as isort does."""
    word = name[0]
    kind = 0 if word.isupper() and len(word) > 1 else 1 if word[:1].isupper() else 2
    return kind, word.lower(), word


_NAME_ORDERS: tuple[Callable[[Name], Any], ...] = (
    _by_kind,
    lambda name: (name[0].lower(), name[0]),
    lambda name: name[0],
)
_MODULE_ORDERS: tuple[Callable[[Module], Any], ...] = (
    lambda module: (
        module[1] != "__future__", module[2] is None, -module[0], module[1].lower(), module[2] or ("", ""),
    ),
    lambda module: (module[1] != "__future__", -module[0], module[1].lower(), module[2] or ("", "")),
)  # fmt: skip


def _are_spoken_of(names: set[str], lines: Iterable[bytes]) -> bool:
    words = {word for line in lines for word in re.findall(rb"\w+", line)}
    return any(name.encode() in words for name in names)


def _written(imports: _Imports) -> Iterator[str]:
    for (dots, module, whole), names in imports.modules.items():
        if whole:
            yield f"{imports.indent}import {_called(whole)}"
            continue
        start = f"{imports.indent}from {'.' * dots}{module} import "
        line = start + ", ".join(map(_called, names))
        if (dots, module, whole) not in imports.long and len(line) <= _WIDTH:
            yield line
            continue
        yield start + "("
        yield from (f"{imports.indent}    {_called(name)}," for name in names)
        yield imports.indent + ")"


def _called(name: Name) -> str:
    return f"{name[0]} as {name[1]}" if name[1] else name[0]

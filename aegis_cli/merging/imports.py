"""Imports of Python, merged as what they are: names from modules, whose order and layout say nothing."""

from __future__ import annotations

import ast
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from aegis_cli.merging.diff3 import Lines
from aegis_cli.merging.formats import Format
from aegis_cli.merging.syntax import tree_of

_WIDTHS = 88, 120  # a line is broken that is longer than others of its file, in these bounds

_LISTS_NAMES = {
    Format.MAKE: re.compile(rb"(\.PHONY\s*:\s*)(\S.*?)(\s*)", re.DOTALL),
    Format.CODE: re.compile(
        rb"((?:import|export)\s+(?:type\s+)?(?:\w+\s*,\s*)?\{\s*)([^{}]*?)(\s*,?\s*\}\s*from\s.*)",
        re.DOTALL,
    ),
}

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
    """Whether lines hold imports, and nothing else; where there are none, somebody took them away."""
    return not lines or _read(lines) is not None


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
    some = _read(base or ours)
    nothing = some and _Imports({}, frozenset(), some.indent)
    was, mine, yours = (_read(lines) if lines else nothing for lines in (base, ours, theirs))
    if not (was and mine and yours and was.indent == mine.indent == yours.indent):
        return None
    if _replaced_apart([*was.modules], [*mine.modules], [*yours.modules]):
        return None
    modules = {}
    for module in _together(
        [*was.modules], [*mine.modules], [*yours.modules], orders=_MODULE_ORDERS
    ):
        versions = [side.modules.get(module, []) for side in (was, mine, yours)]
        if _replaced_apart(*versions) or _renamed_and_gone(*versions):
            return None
        modules[module] = _together(*versions, orders=_NAME_ORDERS)
    if _changed_and_gone(was, mine, yours, modules):
        return None
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
    blank = _room(base or ours, ours, theirs, is_new=not base)
    return (
        None if blank is None else _lines(merged, ((mine, ours), (yours, theirs)), blank, whole[1])
    )


def merge_names(kind: Format, base: Lines, ours: Lines, theirs: Lines) -> Lines | None:
    """Merge a line that only lists names: what JavaScript imports from one module, what of a Makefile is no file."""
    pattern = _LISTS_NAMES.get(kind)
    if pattern is None or not len(base) == len(ours) == len(theirs) == 1:
        return None
    found = [x for lines in (base, ours, theirs) if (x := pattern.fullmatch(lines[0]))]
    if len(found) < 3 or len({(x[1], x[3]) for x in found}) > 1:
        return None
    between = b"," if kind is Format.CODE else None
    was, mine, yours = ([name.strip() for name in x[2].split(between)] for x in found)
    names = _together(was, mine, yours, orders=(bytes.lower, bytes))
    called = {name.split()[-1] for name in names if name}
    if _replaced_apart(was, mine, yours) or len(called) < len(names):
        return None
    return (found[0][1] + (b", " if between else b" ").join(names) + found[0][3],)


def _lines(
    merged: _Imports, sides: Iterable[tuple[_Imports, Lines]], blank: int, whole: Lines
) -> Lines:
    """The lines of a side that imports just this; else new ones."""
    said = [*merged.modules.items()]
    for side, lines in sides:
        if [*side.modules.items()] == said and _blank_end(lines) == blank:
            return lines
    end = b"\r\n" if whole[0].endswith(b"\r\n") else b"\n"
    least, most = _WIDTHS
    width = min(max(least, *(len(line.rstrip()) for line in whole)), most)
    return tuple(line.encode() + end for line in (*_written(merged, width), *[""] * blank))


def _room(base: Lines, ours: Lines, theirs: Lines, *, is_new: bool) -> int | None:
    """How many blank lines stand behind the imports; None where each side has other ones there."""
    was, mine, yours = map(_blank_end, (base, ours, theirs))
    if mine == yours:
        return mine
    if is_new or was not in (mine, yours):
        return None
    return yours if was == mine else mine


def _blank_end(lines: Lines) -> int:
    """How many blank lines stand at the end."""
    return next((at for at, line in enumerate(reversed(lines)) if line.strip()), 0)


def _read(lines: Lines) -> _Imports | None:
    """The imports that lines hold; None where anything else stands there."""
    text = b"".join(lines).decode("utf-8", "surrogateescape")
    kept = text.rstrip().splitlines()
    if any(sign in text for sign in "#;\\*") or not all(line.strip() for line in kept):
        return None
    tree = tree_of(textwrap.dedent(text))
    if tree is None:
        return None
    modules: dict[Module, list[Name]] = {}
    long: set[Module] = set()
    for statement in tree.body:
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
        if found.keys() & modules.keys():
            return None
        modules |= found
        long.update(found if height > 1 else ())
    return (
        _Imports(modules, frozenset(long), text[: len(text) - len(text.lstrip())])
        if tree.body
        else None
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


def _changed_and_gone(
    was: _Imports, mine: _Imports, yours: _Imports, merged: Container[Module]
) -> bool:
    """Whether one side took away a statement that the other changed."""
    return any(
        side.modules.get(module, names) != names
        for module, names in was.modules.items()
        if module not in merged
        for side in (mine, yours)
    )


def _renamed_and_gone(was: Sequence[Name], *sides: Sequence[Name]) -> bool:
    """Whether one side took away what the other imports under another name now."""
    known, *now = ({name for name, *_ in names} for names in (was, *sides))
    return any(
        name in known - here and (name, *alias) not in was
        for here, other in ((now[0], sides[1]), (now[1], sides[0]))
        for name, *alias in other
    )


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


def _written(imports: _Imports, width: int) -> Iterator[str]:
    for (dots, module, whole), names in imports.modules.items():
        if whole:
            yield f"{imports.indent}import {_called(whole)}"
            continue
        start = f"{imports.indent}from {'.' * dots}{module} import "
        line = start + ", ".join(map(_called, names))
        if (dots, module, whole) not in imports.long and len(line) <= width:
            yield line
            continue
        yield start + "("
        yield from (f"{imports.indent}    {_called(name)}," for name in names)
        yield imports.indent + ")"


def _called(name: Name) -> str:
    return f"{name[0]} as {name[1]}" if name[1] else name[0]

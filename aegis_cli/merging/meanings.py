"""Names of Python that are another kind of thing on one side, while the other side's new code uses them as before.

A module in whose place something of it is imported, an object that became a function, what only checkers of types get,
a text that became a list, two values that became three.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from aegis_cli.merging.signatures import Function

_MODULE, _MEMBER, _CALLED, _VALUE = "module", "member", "function", "value"
_IMPORTED = "import"  # of something that may be a module as well
# What cannot be used as what it was before; a value may be anything.
_OTHERS = {
    (_MODULE, _MEMBER),
    (_MEMBER, _MODULE),
    (_MODULE, _CALLED),
    (_CALLED, _MODULE),
    (_VALUE, _CALLED),
}
_LITERALS: tuple[tuple[type[ast.expr], type], ...] = (
    (ast.Dict, dict), (ast.DictComp, dict), (ast.List, list), (ast.ListComp, list), (ast.Set, set),
    (ast.SetComp, set), (ast.Tuple, tuple), (ast.JoinedStr, str),
)  # fmt: skip

_TYPES: tuple[type, ...] = (str, bytes, int, float, bool, list, dict, set, tuple)

# What may stand for each other where items are taken by their places, each in its parts, or one after the other.
_GONE_THROUGH = {
    "[at]": {list, tuple},
    "in parts": {list, tuple, set},
    "in turn": {list, tuple, set, dict},
}

Use = tuple[str, str]  # a name, and what is done with it


@dataclass(frozen=True)
class _Meaning:
    """What names at the top of a module are.

    Attributes:
        kinds: Each kind of thing that a name is.
        types: The type of what is written down.
        counts: How many values a function gives.
    """

    kinds: dict[str, str]
    types: dict[str, type]
    counts: dict[str, int]


def other_meanings(
    base: ast.Module, ours: ast.Module, theirs: ast.Module
) -> Iterator[tuple[str, int]]:
    """Names that one side made another kind of thing, each with that side (0, 1), if the other brought a use of it."""
    was = _meaning(base)
    known = Counter(_uses(base))
    for loser, (side, other) in enumerate(((ours, theirs), (theirs, ours))):
        now, there = _meaning(side), _meaning(other)
        changed = {name for name in was.kinds if _is_other(name, was, now)}
        if not any(_is_as(name, was, there) for name in changed):
            continue
        for name, use in Counter(_uses(other)) - known:
            if name in changed and _is_as(name, was, there) and not _allows(name, use, was, now):
                yield name.removeprefix("."), loser


def _is_as(name: str, was: _Meaning, now: _Meaning) -> bool:
    return not _is_other(name, was, now) and name in now.kinds


def _is_other(name: str, was: _Meaning, now: _Meaning) -> bool:
    return any(
        name in now.kinds and a.get(name) != b.get(name)
        for a, b in ((was.kinds, now.kinds), (was.types, now.types), (was.counts, now.counts))
    )


def _allows(name: str, use: str, was: _Meaning, now: _Meaning) -> bool:
    """Whether what a name is now can be used like that."""
    kinds = was.kinds[name], now.kinds[name]
    if kinds in _OTHERS or "" in kinds:
        return False
    if name in was.types and name in now.types and was.types[name] != now.types[name]:
        type_now = now.types[name]
        if use.startswith(".") and hasattr(was.types[name], use[1:]):
            return hasattr(type_now, use[1:])
        if use == "[key]":
            return type_now is dict
        if use in _GONE_THROUGH:
            return {was.types[name], type_now} <= _GONE_THROUGH[use]
        if use.startswith("+"):
            return type_now is list or type_now.__name__ == use[1:]
    if use.isdecimal() and was.counts.get(name) == int(use):
        return now.counts.get(name, int(use)) == int(use)
    return True


def _meaning(tree: ast.Module) -> _Meaning:
    kinds: dict[str, set[str]] = {}
    types: dict[str, type] = {}
    counts: dict[str, int] = {}
    for node, is_checked_only in _statements(tree.body, is_checked_only=False):
        for name, kind in _given(node):
            kinds.setdefault(name, set()).add("" if is_checked_only else kind)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            literal = _literal(node.value)
            types |= {x.id: literal for x in targets if isinstance(x, ast.Name) and literal}
        if isinstance(node, Function) and (count := _count_given(node)):
            counts[node.name] = count
        for field, given in _fields(node):
            kinds.setdefault(field, set()).add(_VALUE)
            types[field] = given if types.get(field, given) is given else object
    clear = {name: found.pop() for name, found in kinds.items() if len(found) == 1}
    return _Meaning(clear, types, counts)


def _statements(body: list[ast.stmt], *, is_checked_only: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """What stands at the top of a module, be it in a branch; and whether only checkers of types read it."""
    for node in body:
        yield node, is_checked_only
        if isinstance(node, ast.If):
            is_checked = "TYPE_CHECKING" in ast.unparse(node.test)
            yield from _statements(node.body, is_checked_only=is_checked or is_checked_only)
            yield from _statements(node.orelse, is_checked_only=is_checked_only)
        elif isinstance(node, ast.Try):
            for part in (node.body, node.orelse, *(x.body for x in node.handlers)):
                yield from _statements(part, is_checked_only=is_checked_only)


def _given(node: ast.stmt) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Import(names=names):
            yield from ((x.asname or x.name.split(".")[0], _MODULE) for x in names)
        case ast.ImportFrom(module=module, names=names):
            for x in names:  # `from time import time` has the module's name, and is none
                yield x.asname or x.name, _MEMBER if x.name == module else _IMPORTED
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, _CALLED
        case ast.Assign(targets=targets):
            yield from ((x.id, _VALUE) for x in targets if isinstance(x, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name, _VALUE
        case _:
            pass


def _fields(node: ast.stmt) -> Iterator[tuple[str, type]]:
    """The fields of a class that say of what type they are, behind a dot."""
    for part in node.body if isinstance(node, ast.ClassDef) else ():
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            word = ast.unparse(part.annotation).split("[")[0]
            if found := next((x for x in _TYPES if x.__name__ == word), None):
                yield f".{part.target.id}", found


def _literal(value: ast.expr) -> type | None:
    if isinstance(value, ast.Constant) and value.value is not None:
        return type(value.value)
    return next((kind for node, kind in _LITERALS if isinstance(value, node)), None)


def _count_given(function: Function) -> int:
    """How many values a function gives; 0 where that is not the same everywhere."""
    returned = [x.value for x in ast.walk(function) if isinstance(x, ast.Return)]
    counts = {len(x.elts) if isinstance(x, ast.Tuple) else 0 for x in returned}
    is_open = any(
        isinstance(x, ast.Starred) for y in returned if y for x in ast.iter_child_nodes(y)
    )
    return counts.pop() if len(counts) == 1 and not is_open else 0


def _uses(tree: ast.Module) -> Iterator[Use]:
    """What is done with names, where it is run."""
    skipped = {
        id(x) for node in ast.walk(tree) for part in _annotations(node) for x in ast.walk(part)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                yield name, ""
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                yield name, f".{attribute}"
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
                yield name, f"+{(_literal(value) or object).__name__}"
            case ast.Attribute(value=ast.Attribute(attr=name), attr=attribute):
                yield f".{name}", f".{attribute}"
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str())):
                yield name, "[key]"
            case ast.Assign(
                targets=[ast.Tuple(elts=parts)], value=ast.Call(func=ast.Name(id=name))
            ):
                if not any(isinstance(x, ast.Starred) for x in parts):
                    yield name, str(len(parts))
            case _:
                yield from _gone_through(node)


def _gone_through(node: ast.AST) -> Iterator[Use]:
    """What is taken item by item, or by its place."""
    match node:
        case ast.Subscript(value=value, slice=ast.Constant(value=int())):
            yield from ((name, "[at]") for name in _named(value))
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            use = "in parts" if isinstance(target, ast.Tuple) else "in turn"
            yield from ((name, use) for name in _named(value))
        case _:
            pass


def _named(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Name(id=name):
            yield name
        case ast.Attribute(attr=name):
            yield f".{name}"


def _annotations(node: ast.AST) -> Iterator[ast.expr]:
    for field in ("annotation", "returns"):
        part = getattr(node, field, None)
        if isinstance(part, ast.expr):
            yield part

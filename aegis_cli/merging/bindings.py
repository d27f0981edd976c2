"""Names of a program in Python: those that it gives anywhere, and those that it uses."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

from aegis_cli.merging.branches import never_taken
from aegis_cli.merging.inheritance import no_more_overriding
from aegis_cli.merging.meanings import other_meanings
from aegis_cli.merging.scopes import out_of_scope
from aegis_cli.merging.sequence import used_too_early
from aegis_cli.merging.signatures import Function, no_more_fitting
from aegis_cli.merging.syntax import tree_of

# Names that stand for something else than a variable begin so: an attribute of `self` or of a class, one of any object,
# what strings name, a table that they name, a fixture.
_ATTRIBUTE, _MEMBER, _QUOTED, _TABLE, _FIXTURE = ".", ":", '"', "[", "("


@dataclass(frozen=True)
class Names:
    """What a program gives, what else strings may name, what it uses, and what its classes inherit."""

    given: frozenset[str]
    quotable: frozenset[str]
    used: frozenset[str]
    inherited: frozenset[str]


def unbound(base: bytes, ours: bytes, theirs: bytes, merged: bytes) -> Iterator[tuple[bytes, int]]:
    """The names that a merged program uses and does not give any more, each with the side (0, 1) that took it away.

    Names that are given elsewhere only are among them, and functions that a side gave another signature, where a call
    that the other side brought does not fit.
    """
    contents = base, ours, theirs, merged
    trees = [tree for tree in map(_read, contents) if tree is not None]
    if len(trees) < len(contents):
        return
    was, mine, yours, made = trees
    for found in (
        no_more_fitting(was, mine, yours),
        out_of_scope(*contents),
        other_meanings(was, mine, yours),
        no_more_overriding(was, mine, yours),
        used_too_early(was, mine, yours, made),
        never_taken(was, mine, yours, made),
        _given_no_more(was, mine, yours, made),
    ):
        # Python's own tools give up at an expression of hundreds of parts; each check meets others of them.
        with suppress(RecursionError):
            yield from ((name.encode(), loser) for name, loser in found)


def _given_no_more(
    base: ast.Module, ours: ast.Module, theirs: ast.Module, merged: ast.Module
) -> Iterator[tuple[str, int]]:
    """The names that a merged program uses and gives nowhere."""
    was, *sides, made = map(_names, (base, ours, theirs, merged))
    for name in sorted((made.used - made.given - made.quotable) & was.given):
        has = [name in side.given | side.quotable for side in sides]
        if has[0] == has[1] or name in dir(builtins):
            continue
        loser = has.index(False)
        # A class that inherits from another one now may have it from there; other objects may have what a class had.
        if name.startswith((_ATTRIBUTE, _MEMBER)) and not sides[loser].inherited <= was.inherited:
            continue
        if not name.startswith(_MEMBER) or name not in sides[loser].used:
            yield _bare(name), loser


def _bare(name: str) -> str:
    """A name without what it stands for, and what it is a member of."""
    return name.lstrip(_ATTRIBUTE + _MEMBER + _QUOTED + _TABLE + _FIXTURE).split(".")[-1]


def _read(content: bytes) -> ast.Module | None:
    """A program; None where it cannot be read, or may give any name."""
    tree = tree_of(content)
    is_open = tree and any(isinstance(x, ast.alias) and x.name == "*" for x in ast.walk(tree))
    return None if is_open else tree


def _names(tree: ast.Module) -> Names:
    nodes = list(ast.walk(tree))
    keys = {id(key) for node in nodes if isinstance(node, ast.Dict) for key in node.keys}
    strings = [x for x in nodes if isinstance(x, ast.Constant) and isinstance(x.value, str)]
    given = [*chain.from_iterable(map(_given, nodes))]
    used = chain.from_iterable(map(_used, nodes))
    quoted = (_QUOTED + str(x.value) for x in strings if id(x) in keys)
    said = (word for x in strings if id(x) not in keys for word in _words(str(x.value)))
    bases = (ast.unparse(x) for node in nodes if isinstance(node, ast.ClassDef) for x in node.bases)
    return Names(
        frozenset({*given, *quoted}),
        frozenset(
            _QUOTED + name for x in nodes if not isinstance(x, ast.arg) for name in _given(x)
        ),
        frozenset({*used, *said}),
        frozenset(bases),
    )


def _words(text: str) -> Iterator[str]:
    """What a string may name: a class, a field, a key; `users.id`: a table."""
    *tables, _ = parts = text.split(".")
    if all(part.isidentifier() for part in parts):
        yield from (_TABLE + table for table in tables)
        yield _QUOTED + text


def _used(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield from _called(node)
    elif isinstance(node, Function) and (node.name.startswith("test") or _is_fixture(node)):
        yield from (_FIXTURE + argument.arg for argument in node.args.args)


def _given(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
            yield from _called(node)
        case ast.alias(name=name, asname=called):
            yield called or name.split(".")[0]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield from (name, _QUOTED + name)
            if _is_fixture(node):
                yield _FIXTURE + name
        case ast.ClassDef(name=name, body=body):
            yield from (name, _QUOTED + name, *_members(name, body))
        case ast.Assign(
            targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=str(name))
        ):
            yield _TABLE + name
        case ast.Call(func=ast.Name(id="dict"), keywords=keywords):
            yield from (_QUOTED + x.arg for x in keywords if x.arg)
        case ast.arg(arg=name) | ast.MatchMapping(rest=str(name)):
            yield name
        case (
            ast.ExceptHandler(name=str(name))
            | ast.MatchAs(name=str(name))
            | ast.MatchStar(name=str(name))
        ):
            yield name
        case _:
            pass


def _members(name: str, body: list[ast.stmt]) -> Iterator[str]:
    fields = [*chain.from_iterable(map(_fields, body))]
    for field in fields:
        yield from (_ATTRIBUTE + field, _QUOTED + field)
    methods = [x.name for x in body if isinstance(x, Function)]
    yield from (_ATTRIBUTE + method for method in methods)
    for member in (*fields, *methods):
        yield from (f"{_ATTRIBUTE}{name}.{member}", _MEMBER + member)


def _is_fixture(node: Function) -> bool:
    """Whether tests get what a function returns by the name of a parameter."""
    return any("fixture" in ast.unparse(decorator) for decorator in node.decorator_list)


def _called(node: ast.Name | ast.Attribute) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
        return
    yield _MEMBER + node.attr
    if isinstance(node.value, ast.Name):
        is_own = node.value.id in ("self", "cls")
        yield _ATTRIBUTE + (node.attr if is_own else f"{node.value.id}.{node.attr}")


def _fields(statement: ast.stmt) -> Iterator[str]:
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    yield from (target.id for target in targets if isinstance(target, ast.Name))

"""Names of a program in Python: those that it gives anywhere, and those that it uses."""

from __future__ import annotations

import ast
import builtins
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain


@dataclass(frozen=True)
class Names:
    """What a program gives, what it uses, and what its classes inherit; attributes of `self` stand behind a dot."""

    given: frozenset[str]
    used: frozenset[str]
    inherited: frozenset[str]


def unbound(base: bytes, ours: bytes, theirs: bytes, merged: bytes) -> Iterator[tuple[bytes, int]]:
    """The names that a merged program uses and does not give any more, each with the side (0, 1) that took it away."""
    versions = [_names(content) for content in (base, ours, theirs, merged)]
    read = [found for found in versions if found is not None]
    if len(read) < len(versions):
        return
    was, *sides, made = read
    for name in sorted((made.used - made.given) & was.given):
        has = [name in side.given for side in sides]
        if has[0] == has[1] or name in dir(builtins):
            continue
        loser = has.index(False)
        # A class that inherits from another one now may have it from there.
        if not name.startswith(".") or sides[loser].inherited <= was.inherited:
            yield name.removeprefix(".").encode(), loser


def _names(content: bytes) -> Names | None:
    """The names of a program; None where it cannot be read, or may give any."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            nodes = list(ast.walk(ast.parse(content)))
        except (SyntaxError, ValueError, RecursionError):
            return None
    if any(isinstance(node, ast.alias) and node.name == "*" for node in nodes):
        return None
    given = chain.from_iterable(map(_given, nodes))
    used = chain.from_iterable(map(_used, nodes))
    bases = (ast.unparse(x) for node in nodes if isinstance(node, ast.ClassDef) for x in node.bases)
    return Names(frozenset(given), frozenset(used), frozenset(bases))


def _used(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield from _called(node)


def _given(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
            yield from _called(node)
        case ast.alias(name=name, asname=called):
            yield called or name.split(".")[0]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield from (name, f".{name}")
        case ast.ClassDef(name=name, body=body):
            yield name
            yield from (f".{field}" for statement in body for field in _fields(statement))
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


def _called(node: ast.Name | ast.Attribute) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
        yield f".{node.attr}"


def _fields(statement: ast.stmt) -> Iterator[str]:
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    yield from (target.id for target in targets if isinstance(target, ast.Name))

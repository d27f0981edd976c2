"""Names of Python that a merged program uses before it gives them, though no version did: what gives them moved."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from aegis_cli.merging.signatures import Function

_Inner = Function | ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

# A name, and the function that it is one of; none at the top of a module.
_Early = tuple[str, str]


def used_too_early(
    base: ast.Module, ours: ast.Module, theirs: ast.Module, merged: ast.Module
) -> Iterator[tuple[str, int]]:
    """The names that are used in front of where they are given, each with the side (0, 1) that moved that.

    What is run when the module is read is looked at, and each function by itself.
    """
    found = _early(merged)
    if not found:
        return
    found -= _early(base) | _early(ours) | _early(theirs)
    was, mine, yours = (Counter(_loaded(tree)) for tree in (base, ours, theirs))
    for name in sorted({name for _, name in found}):
        yield name, int(mine[name] - was[name] > yours[name] - was[name])


def _loaded(tree: ast.Module) -> Iterator[str]:
    return (x.id for x in ast.walk(tree) if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Load))


def _early(tree: ast.Module) -> set[_Early]:
    found = {("", name) for name in _early_in(tree.body, set())}
    for node in ast.walk(tree):
        if isinstance(node, Function):
            args = node.args
            known = {x.arg for x in (*args.posonlyargs, *args.args, *args.kwonlyargs)}
            known |= {x.arg for x in (args.vararg, args.kwarg) if x}
            found |= {(node.name, name) for name in _early_in(node.body, known)}
    return found


def _early_in(body: list[ast.stmt], known: set[str]) -> set[str]:
    """The names that a body uses first and gives later."""
    waiting: set[str] = set()
    early: set[str] = set()
    for name, is_given in _run(body):
        if is_given:
            known.add(name)
            early |= waiting & {name}
        elif name not in known:
            waiting.add(name)
    return early


def _run(body: list[ast.stmt]) -> Iterator[tuple[str, bool]]:
    """The names that statements use and give, in the order in which they are written."""
    for node in body:
        if isinstance(node, Function):
            args = node.args
            first: list[ast.AST] = [*node.decorator_list, *args.defaults]
            first += [x for x in args.kw_defaults if x]
            yield from _of_expressions(first)
            yield node.name, True
        elif isinstance(node, ast.ClassDef):
            yield from _of_expressions([*node.decorator_list, *node.bases, *node.keywords])
            own = {x for x, is_given in _run(node.body) if is_given}
            yield from (
                (x, False) for x, is_given in _run(node.body) if not is_given and x not in own
            )
            yield node.name, True
        else:
            parts = [x for x in ast.iter_child_nodes(node) if not isinstance(x, ast.stmt)]
            yield from _of_expressions(parts)
            for field in ("body", "handlers", "orelse", "finalbody", "cases"):
                for part in getattr(node, field, ()):
                    yield from _run(part.body if not isinstance(part, ast.stmt) else [part])


def _of_expressions(nodes: list[ast.AST]) -> Iterator[tuple[str, bool]]:
    """What is used in expressions, and then what is given."""
    names = [x for node in nodes for x in _names(node)]
    yield from ((x.id, False) for x in names if isinstance(x.ctx, ast.Load))
    yield from ((x.id, True) for x in names if not isinstance(x.ctx, ast.Load))
    for node in nodes:
        if isinstance(node, ast.alias):
            yield (node.asname or node.name).split(".")[0], True
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name, True


def _names(node: ast.AST) -> Iterator[ast.Name]:
    """The names in an expression that are looked up at once, and in none of its own scopes."""
    if isinstance(node, ast.Name):
        yield node
    elif not isinstance(node, _Inner | ast.ExceptHandler | ast.match_case):
        for child in ast.iter_child_nodes(node):
            yield from _names(child)

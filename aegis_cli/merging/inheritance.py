"""Methods of Python that one side renamed or gave other parameters, while a class of the other side overrides them."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Container, Iterator

from aegis_cli.merging.signatures import Function, Signature, fits, of_function

# Of a class, and of a method of it.
_Method = tuple[str, str]
_ABSTRACT = "abstractmethod"


def no_more_overriding(
    base: ast.Module, ours: ast.Module, theirs: ast.Module
) -> Iterator[tuple[str, int]]:
    """The methods that one side newly overrides or extends as they were, each with the side (0, 1) that changed it."""
    before = _methods(base)
    for loser, (side, other) in enumerate(((ours, theirs), (theirs, ours))):
        now, there = _methods(side), _methods(other)
        gone, own = _set(base) - _set(side), _set(other) - _set(base)
        changed = {x for x in before if now.get(x) != before[x] and there.get(x) == before[x]}
        for node in _classes(other):
            above = {x.id for x in node.bases if isinstance(x, ast.Name)}
            lost = (name for owner, name in gone if owner in above and (node.name, name) in own)
            yield from ((name, loser) for name in lost)
            for owner, name in changed:
                if (
                    owner not in above
                    or (node.name, name) in before
                    or (node.name, name) not in there
                ):
                    continue
                pair = before[owner, name], now.get((owner, name))
                if _is_other(name, *pair) or _extends_no_more(node, name, *pair):
                    yield name, loser
            if not any(owner == node.name for owner, _ in before):
                asked = _abstract(side, above) - _abstract(base, above)
                if any((node.name, name) not in there for name in asked):
                    yield from ((name, loser) for name in above)
        yield from ((name, loser) for name in _no_more_inherited(base, side, other))


def _no_more_inherited(base: ast.Module, side: ast.Module, other: ast.Module) -> Iterator[str]:
    """What the other side's new lines use of a class above, where one side left only those below it."""
    was, now, there = ({x.name: x for x in _classes(tree)} for tree in (base, side, other))
    for name in was.keys() & now.keys() & there.keys():
        above = [{ast.unparse(x) for x in version[name].bases} for version in (was, now, there)]
        if not above[1] < above[0] or above[2] != above[0]:
            continue
        known = {own for version in (was, now, there) for own in _own(version[name])}
        new = Counter(_used(there[name])) - Counter(_used(was[name]))
        yield from sorted(new.keys() - known)


def _own(node: ast.ClassDef) -> Iterator[str]:
    """What a class gives to those that it makes."""
    for x in ast.walk(node):
        if isinstance(x, Function):
            yield x.name
        elif isinstance(x, ast.Attribute) and not isinstance(x.ctx, ast.Load):
            yield x.attr
        elif isinstance(x, ast.Name) and not isinstance(x.ctx, ast.Load):
            yield x.id


def _used(node: ast.ClassDef) -> Iterator[str]:
    for x in ast.walk(node):
        match x:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Load()):
                yield name
            case _:
                pass


def _classes(tree: ast.Module) -> list[ast.ClassDef]:
    return [node for node in tree.body if isinstance(node, ast.ClassDef)]


def _set(tree: ast.Module) -> set[_Method]:
    """What classes set for all that they make."""
    return {
        (node.name, target.id)
        for node in _classes(tree)
        for x in node.body
        if isinstance(x, ast.Assign)
        for target in x.targets
        if isinstance(target, ast.Name)
    }


def _methods(tree: ast.Module) -> dict[_Method, Signature]:
    return {
        (node.name, x.name): of_function(x, bound=True)
        for node in _classes(tree)
        for x in node.body
        if isinstance(x, Function)
    }


def _abstract(tree: ast.Module, names: Container[str]) -> set[str]:
    """The methods that classes ask those below them for."""
    return {
        x.name
        for node in _classes(tree)
        if node.name in names
        for x in node.body
        if isinstance(x, Function) and any(_ABSTRACT in ast.unparse(y) for y in x.decorator_list)
    }


def _is_other(name: str, was: Signature, now: Signature | None) -> bool:
    """Whether a method that overrides one as it was is none for it as it is now; each class is made in its own way."""
    if name == "__init__":
        return False
    if now is None:
        return True
    return was.needed != now.needed or was.is_used != now.is_used


def _extends_no_more(node: ast.ClassDef, name: str, was: Signature, now: Signature | None) -> bool:
    """Whether a class calls a method of the class above in a way in which it could be called."""
    return any(
        isinstance(x, ast.Call)
        and isinstance(x.func, ast.Attribute)
        and x.func.attr == name
        and ast.unparse(x.func.value) == "super()"
        and (now is None or not fits(x, was, now))
        for x in ast.walk(node)
    )

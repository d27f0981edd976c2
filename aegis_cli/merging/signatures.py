"""What one side changed so that it has to be called otherwise, while the other side calls it as it was, in Python."""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

# Of a class, and of a table's row, which takes what it is given.
_NO_FIELD = re.compile(r"\b(?:ClassVar|Mapped)\b")
# What finds its fields elsewhere, or is made by nobody.
_GIVEN_NOTHING = re.compile(r"(?:Settings|Protocol|ABC)$")
_NEVER, _SOMETIMES, _ALWAYS = range(3)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Signature:
    """How something is called.

    Attributes:
        is_async: Whether what it gives has to be awaited.
        places: What can be given by position, in order.
        names: What can be given by name.
        needed: What has to be given.
        is_open: Whether it takes more of either than it names.
        is_read: Whether it is read and not called: a property.
        is_entered: Whether what it gives is entered by `with`.
        is_of_class: Whether it can be called of a class.
        gives: Whether it gives anything: nothing, or sometimes, or always.
    """

    is_async: bool
    places: tuple[str, ...]
    names: frozenset[str]
    needed: frozenset[str]
    is_open: tuple[bool, bool]
    is_read: bool = False
    is_entered: bool = False
    is_of_class: bool = False
    gives: int = _ALWAYS

    @property
    def is_used(self) -> tuple[bool, bool, bool]:
        """What has to be done to get what it gives."""
        return self.is_async, self.is_read, self.is_entered


def no_more_fitting(
    base: ast.Module, ours: ast.Module, theirs: ast.Module
) -> Iterator[tuple[str, int]]:
    """What one side changed so that a new call of the other side does not fit any more.

    Functions and classes at the top of a module are looked at, and methods by their names: of what, nobody knows.

    Yields:
        The name of such a thing, and the side (0, 1) that changed it.
    """
    before = _signatures(base)
    known = Counter(ast.dump(call) for _, call in _calls(base))
    for loser, (side, other) in enumerate(((ours, theirs), (theirs, ours))):
        now, there = _signatures(side), _signatures(other)
        changed = {
            name
            for name in before.keys() & now.keys()
            if now[name] != before[name] and there.get(name) == before[name]
        }
        if not changed:
            continue
        calls = [(name, call) for name, call in _calls(other) if name in changed]
        brought = Counter(ast.dump(call) for _, call in calls) - known
        idle = {id(x.value) for x in ast.walk(other) if isinstance(x, ast.Expr)}
        lost = {
            name
            for name, call in calls
            if ast.dump(call) in brought
            and not (
                fits(call, before[name], now[name])
                and (now[name].gives >= before[name].gives or id(call) in idle)
            )
        }
        yield from ((name.removeprefix("."), loser) for name in sorted(lost))


def _signatures(tree: ast.Module) -> dict[str, Signature]:
    """How what a module has is called; methods stand behind a dot. Nothing that it has twice."""
    found: list[tuple[str, Signature]] = []
    for node in tree.body:
        if isinstance(node, Function):
            found.append((node.name, of_function(node, bound=False)))
        elif isinstance(node, ast.ClassDef):
            methods = {x.name: x for x in node.body if isinstance(x, Function)}
            found += [(f".{name}", of_function(x, bound=True)) for name, x in methods.items()]
            start = methods.get("__init__")
            made = of_function(start, bound=True) if start else _of_fields(node)
            found.append((node.name, made))
    counted = Counter(name for name, _ in found)
    return {name: signature for name, signature in found if counted[name] == 1}


def of_function(function: Function, *, bound: bool) -> Signature:
    """How a function is called; a method without what it is bound to."""
    args = function.args
    decorators = [ast.unparse(x) for x in function.decorator_list]
    is_static = any("staticmethod" in x for x in decorators)
    first = [x.arg for x in (*args.posonlyargs, *args.args)]
    needed = {*first[: len(first) - len(args.defaults)]}
    places = first[1:] if bound and not is_static else first
    needed |= {
        x.arg for x, value in zip(args.kwonlyargs, args.kw_defaults, strict=True) if value is None
    }
    names = frozenset(x.arg for x in (*args.args, *args.kwonlyargs))
    return Signature(
        isinstance(function, ast.AsyncFunctionDef),
        tuple(places),
        names,
        frozenset(needed - ({*first} - {*places})),
        (args.vararg is not None, args.kwarg is not None),
        any(x.endswith("property") for x in decorators),
        any("contextmanager" in x for x in decorators),
        is_static or "classmethod" in decorators,
        _gives(function),
    )


def _gives(function: Function) -> int:
    """Whether a function gives anything; one without a body may."""
    said = ast.unparse(function.returns) if function.returns else ""
    if re.search(r"\bNone\b|\bOptional\b", said) and said != "None":
        return _SOMETIMES
    inner = [x for x in ast.walk(function) if isinstance(x, ast.Return | ast.Yield | ast.YieldFrom)]
    is_open = any(isinstance(x, ast.Raise | ast.Pass | ast.Constant) for x in ast.walk(function))
    return _ALWAYS if any(x.value for x in inner) or (is_open and not inner) else _NEVER


def _is_of_class(called: ast.expr) -> bool:
    return (
        isinstance(called, ast.Attribute)
        and isinstance(called.value, ast.Name)
        and called.value.id[:1].isupper()
    )


def _of_fields(node: ast.ClassDef) -> Signature:
    """A class that is given its fields: a dataclass, a model. Others are as their bases have it, which is not known."""
    bases = [ast.unparse(x) for x in node.bases]
    options = {x.arg for x in node.keywords}
    is_other = not (bases or node.decorator_list) or bool(options & {"table", "total"})
    if is_other or any(map(_GIVEN_NOTHING.search, bases)):
        return Signature(False, (), frozenset(), frozenset(), (True, True))
    fields = {
        x.target.id: _is_needed(x.value)
        for x in node.body
        if isinstance(x, ast.AnnAssign)
        and isinstance(x.target, ast.Name)
        and not _NO_FIELD.search(ast.unparse(x.annotation))
    }
    needed = frozenset(name for name, is_needed in fields.items() if is_needed)
    return Signature(False, tuple(fields), frozenset(fields), needed, (False, False))


def _is_needed(value: ast.expr | None) -> bool:
    """Whether a field has to be given: it has no value, or only a description of what it may be."""
    match value:
        case (
            None | ast.Call(func=ast.Name(id="Field"), args=[ast.Constant(value=builtins.Ellipsis)])
        ):
            return True
        case ast.Call(func=ast.Name(id="Field" | "field"), args=[], keywords=keywords):
            return not any((x.arg or "default").startswith("default") for x in keywords)
        case _:
            return False


def _calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)):
                yield name, node
            case ast.Call(func=ast.Attribute(attr=name)):
                yield f".{name}", node
            case _:
                pass


def fits(call: ast.Call, was: Signature, now: Signature) -> bool:
    """Whether a call that was written for one signature is one for another as well."""
    if was.is_used != now.is_used:
        return False
    if was.is_of_class and not now.is_of_class and _is_of_class(call.func):
        return False
    keywords = {keyword.arg for keyword in call.keywords if keyword.arg}
    if len(keywords) < len(call.keywords) or any(isinstance(x, ast.Starred) for x in call.args):
        return True  # what it is given is not known
    count = len(call.args)
    pairs = zip(was.places[:count], now.places[:count], strict=False)
    if any(one != other and (other in was.places or one in now.names) for one, other in pairs):
        return False  # what it is given comes to another place
    if len(now.places) < count <= len(was.places) and not now.is_open[0]:
        return False
    if keywords & (was.names - now.names) and not now.is_open[1]:
        return False
    return (now.needed - was.needed) <= {*now.places[:count], *keywords}

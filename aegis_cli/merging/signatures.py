"""Functions in Python that one side gave another signature, while the other side calls them as they were."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def no_more_fitting(
    base: ast.Module, ours: ast.Module, theirs: ast.Module
) -> Iterator[tuple[str, int]]:
    """The functions of a module that one side changed so that a new call of the other side does not fit any more.

    Yields:
        The name of such a function, and the side (0, 1) that changed it.
    """
    before = _functions(base)
    known = Counter(map(ast.dump, _calls(base)))
    for loser, (side, other) in enumerate(((ours, theirs), (theirs, ours))):
        now = _functions(side)
        changed = {
            name
            for name in before.keys() & now.keys()
            if ast.dump(before[name].args) != ast.dump(now[name].args)
            or type(before[name]) is not type(now[name])
        }
        if not changed or not changed <= _functions(other).keys():
            continue
        brought = Counter(map(ast.dump, _calls(other))) - known
        for call in _calls(other):
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            is_new = name in changed and ast.dump(call) in brought
            if is_new and not _fits(call, before[name], now[name]):
                changed.remove(name)
                yield name, loser


def _functions(tree: ast.Module) -> dict[str, _Function]:
    """The functions at the top of a module, but for those that it defines twice."""
    found = [x for x in tree.body if isinstance(x, ast.FunctionDef | ast.AsyncFunctionDef)]
    counted = Counter(function.name for function in found)
    return {function.name: function for function in found if counted[function.name] == 1}


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _fits(call: ast.Call, was: _Function, new: _Function) -> bool:
    """Whether a call that was written for one signature is one for another as well."""
    if type(was) is not type(new):
        return False  # it has to be awaited now, or must not be any more
    keywords = {keyword.arg for keyword in call.keywords if keyword.arg}
    if len(keywords) < len(call.keywords) or any(isinstance(x, ast.Starred) for x in call.args):
        return True  # what it is given is not known
    old, names = _positional(was), _positional(new)
    is_swapped = any(
        one != other and other in old
        for one, other in zip(old, names[: len(call.args)], strict=False)
    )
    return not is_swapped and _takes(new.args, len(call.args), keywords)


def _positional(function: _Function) -> list[str]:
    return [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]


def _takes(args: ast.arguments, count: int, keywords: set[str]) -> bool:
    """Whether a function can be called with so many values and these keywords."""
    places = [argument.arg for argument in (*args.posonlyargs, *args.args)]
    alone = {
        x.arg: value is None for x, value in zip(args.kwonlyargs, args.kw_defaults, strict=True)
    }
    if count > len(places) and not args.vararg:
        return False
    if not args.kwarg and not keywords <= {x.arg for x in args.args} | alone.keys():
        return False
    filled = set(places[:count])
    needed = {*places[: len(places) - len(args.defaults)], *(x for x in alone if alone[x])}
    return not filled & keywords and needed <= filled | keywords

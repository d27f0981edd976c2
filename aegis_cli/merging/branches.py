"""Branches of Python that nothing gets to, for one in front takes all that they were written for.

One side brought the one, the other side the other: in no version both are there.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

_Pattern = ast.pattern


def never_taken(
    base: ast.Module, ours: ast.Module, theirs: ast.Module, merged: ast.Module
) -> Iterator[tuple[str, int]]:
    """What such a branch of a merged program speaks of, with the side (0, 1) without it: both, if each has it."""
    hidden = set(_hidden(merged))
    if not hidden:
        return
    hidden -= {*_hidden(base), *_hidden(ours), *_hidden(theirs)}
    branches = [{text for chain in _chains(tree) for _, text in chain} for tree in (ours, theirs)]
    for text in sorted(hidden):
        others = [side for side, known in enumerate(branches) if text not in known]
        yield from ((word, side) for word in _words(text) for side in others or (0, 1))


def _hidden(tree: ast.Module) -> Iterator[str]:
    for chain in _chains(tree):
        seen: set[str] = set()
        fronts: list[ast.AST] = []
        for branch, text in chain:
            said = ast.dump(branch)
            if said in seen or any(_takes_all(front, branch) for front in fronts):
                yield text
            seen.add(said)
            if isinstance(branch, _Pattern) or _exception(branch):
                fronts.append(branch)


def _chains(tree: ast.Module) -> Iterator[list[tuple[ast.AST, str]]]:
    """The branches of which one is taken, in their order, each with its text."""
    nodes = list(ast.walk(tree))
    others = {id(x) for node in nodes if isinstance(node, ast.If) for x in _other(node)}
    for node in nodes:
        branches: list[ast.AST] = []
        if isinstance(node, ast.If) and id(node) not in others:
            branches.append(node.test)
            while other := _other(node):
                node = other[0]
                branches.append(node.test)
        elif isinstance(node, ast.Try):
            branches += [x.type for x in node.handlers if x.type]
        elif isinstance(node, ast.Match):
            branches += [x.pattern for x in node.cases if not x.guard]
        yield [(branch, ast.unparse(branch)) for branch in branches]


def _other(node: ast.If) -> list[ast.If]:
    """The `elif` of an `if`, if it has one."""
    return [x for x in node.orelse if isinstance(x, ast.If)] if len(node.orelse) == 1 else []


def _takes_all(front: ast.AST, branch: ast.AST) -> bool:
    if isinstance(front, _Pattern) and isinstance(branch, _Pattern):
        return _fits_all(front, branch)
    kinds = [_exception(x) for x in (front, branch)]
    return all(kinds) and issubclass(kinds[1] or object, kinds[0] or object)


def _fits_all(front: _Pattern, other: _Pattern) -> bool:
    if isinstance(front, ast.MatchAs) and front.pattern is None:
        return True
    if isinstance(front, ast.MatchSequence) and isinstance(other, ast.MatchSequence):
        pairs = list(zip(front.patterns, other.patterns, strict=False))
        is_open = any(isinstance(x, ast.MatchStar) for x in (*front.patterns, *other.patterns))
        is_long = len(front.patterns) == len(other.patterns)
        return is_long and not is_open and all(_fits_all(*pair) for pair in pairs)
    return ast.dump(front) == ast.dump(other)


def _exception(node: ast.AST) -> type[BaseException] | None:
    found = getattr(builtins, node.id, None) if isinstance(node, ast.Name) else None
    is_one = isinstance(found, type) and issubclass(found, BaseException)
    return found if is_one else None


def _words(text: str) -> Iterator[str]:
    """The names and texts in a condition, a pattern or the like."""
    try:
        said = ast.parse(text, mode="eval")
    except SyntaxError:  # not every pattern is an expression
        return
    for node in ast.walk(said):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Name):
            yield node.id

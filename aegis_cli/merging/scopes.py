"""Names of a program in Python, by where they are known: what a function gives, no other one has."""

from __future__ import annotations

import symtable
from collections.abc import Iterator
from dataclasses import dataclass

from aegis_cli.merging.syntax import quiet

# A name behind those of the functions and classes that it stands in, from the outside.
Placed = tuple[str, ...]


@dataclass(frozen=True)
class Scopes:
    """What a program gives and uses, and where.

    Attributes:
        given: What is given something.
        open: What is used, and given nowhere that it is known from: names that are built in, or that are missing.
        own: What functions give for themselves.
        wide: What is used as a name of the whole program, or a built in one.
    """

    given: frozenset[Placed]
    open: frozenset[Placed]
    own: frozenset[Placed]
    wide: frozenset[Placed]


def out_of_scope(
    base: bytes, ours: bytes, theirs: bytes, merged: bytes
) -> Iterator[tuple[str, int]]:
    """The names that are used in a merged program where they are not known, each with a side (0, 1) that took it away.

    And those that one side uses where the other side's function has a variable or a parameter of that name now.

    No version uses them like that: one side speaks of a variable, a parameter or an import that the other renamed or
    took out of that function, be there others of its name elsewhere.
    """
    try:
        was, *sides, made = (_scopes(content) for content in (base, ours, theirs, merged))
    except (SyntaxError, ValueError, RecursionError):
        return
    for name in sorted({x[-1] for x in made.open - was.open - sides[0].open - sides[1].open}):
        for which, side in enumerate(sides):
            if any(given[-1] == name for given in was.given - side.given):
                yield name, which
    for which, (side, other) in enumerate((sides, sides[::-1])):
        hidden = side.own - was.own
        for path in sorted(other.wide - was.wide):
            if any((*path[:depth], path[-1]) in hidden for depth in range(1, len(path))):
                yield path[-1], which


def _scopes(content: bytes) -> Scopes:
    with quiet():
        top = symtable.symtable(content.decode(), "merged", "exec")
    given: set[Placed] = set()
    known: set[str] = set()
    used: set[Placed] = set()
    own: set[Placed] = set()
    for path, table in _tables(top, ()):
        for symbol in table.get_symbols():
            name, is_global = symbol.get_name(), table is top or symbol.is_global()
            if symbol.is_assigned() or symbol.is_imported() or symbol.is_parameter():
                given.add((*path, name))
                known |= {name} if is_global else set()
                if not is_global and isinstance(table, symtable.Function):
                    own.add((*path, name))
            if is_global and symbol.is_referenced():
                used.add((*path, name))
    missing = frozenset(x for x in used if x[-1] not in known)
    return Scopes(frozenset(given), missing, frozenset(own), frozenset(used))


def _tables(
    table: symtable.SymbolTable, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], symtable.SymbolTable]]:
    """All scopes of a program, each with the names of those that it is in, and its own."""
    yield path, table
    for child in table.get_children():
        yield from _tables(child, (*path, child.get_name()))

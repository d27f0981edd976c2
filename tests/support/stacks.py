"""The stacks that the template's components allow. `python -m tests.support.stacks` prints all of them as JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

from aegis_cli.template.catalog import Catalog, manifest_path, parse_manifest
from tests.support.project import CHECKOUT

Stack = tuple[str, ...]
"""What a user asks for: components and services, in the catalogue's order, closed over what they require."""


def catalog_of_checkout() -> Catalog:
    """Return the catalogue of `component-branches/`."""
    folders = sorted((CHECKOUT / "component-branches").iterdir())
    return Catalog(
        parse_manifest(folder.name, (folder / manifest_path(folder.name)).read_bytes())
        for folder in folders
    )


def every_stack(catalog: Catalog) -> list[Stack]:
    """Return all stacks, small ones first."""
    names = _askable(catalog)
    found: dict[Stack, None] = {}
    for size in range(len(names) + 1):
        for asked in combinations(names, size):
            closed = catalog.close(asked).names
            found.setdefault(tuple(name for name in names if name in closed))
    return sorted(found, key=len)


def wise(stacks: Sequence[Stack], count: int) -> list[Stack]:
    """Return few and small stacks in which any so many components still meet in every way, as each of them or without.

    Two is what is known as pairwise. The largest stack is always among them.
    """
    names = list(dict.fromkeys(name for stack in stacks for name in stack))
    seen = {stack: set(_meetings(stack, names, count)) for stack in stacks}
    chosen = [stacks[-1]]
    missing = set().union(*seen.values()) - seen[stacks[-1]]

    def worth(stack: Stack) -> float:
        # A stack's tests take longer the more is in it, and some time in any case.
        return float(len(seen[stack] & missing) / (1 + len(stack)))

    while missing:
        best = max(stacks, key=worth)
        chosen.append(best)
        missing -= seen[best]
    return sorted(chosen, key=stacks.index)


def share_of(stacks: Sequence[Stack], number: int, count: int) -> list[Stack]:
    """Return one of several shares, numbered from 1: together they are all stacks, and no two have one in common.

    Raises:
        ValueError: There is no such share, or nothing in it.
    """
    if not 1 <= number <= count <= len(stacks):
        raise ValueError(f"{number}/{count}")
    return list(stacks[number - 1 :: count])


def removable(stack: Stack, catalog: Catalog) -> list[str]:
    """Return the components of a stack that nothing else in it requires."""
    needed = {required for name in stack for required in catalog[name].requires}
    return [name for name in stack if name not in needed]


def name_of(stack: Stack) -> str:
    """Return a stack's name in test ids, and on the command line."""
    return "+".join(stack) or "base"


def _askable(catalog: Catalog) -> list[str]:
    return [c.name for c in catalog.components.values() if c.kind != "bridge"]


def _meetings(
    stack: Stack, names: Collection[str], count: int
) -> Iterator[tuple[tuple[str, bool], ...]]:
    for some in combinations(names, count):
        yield tuple((name, name in stack) for name in some)


if __name__ == "__main__":
    print(json.dumps([name_of(stack) for stack in every_stack(catalog_of_checkout())]))  # noqa: T201

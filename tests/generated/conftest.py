"""Which stacks of components the tests go through."""

from __future__ import annotations

import re

import pytest

from tests.support.stacks import (
    Stack,
    catalog_of_checkout,
    every_stack,
    name_of,
    share_of,
    wise,
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the command line choose the stacks."""
    parser.addoption(
        "--stacks",
        default="2-wise",
        metavar="N-wise|every|NAMES",
        help="stacks to generate: few in which any N components meet, all, or some (base,database+redis)",
    )
    parser.addoption(
        "--share",
        default="1/1",
        metavar="K/N",
        help="of these, the K-th of N shares: always the same stacks, large and small ones in each",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test with a `stack` every chosen one."""
    if "stack" in metafunc.fixturenames:
        option = metafunc.config.getoption
        stacks = share(option("share"), chosen(option("stacks")))
        metafunc.parametrize("stack", stacks, ids=name_of)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the largest stacks, so that nobody waits for one of them at the end."""
    items.sort(key=_size, reverse=True)


def _size(item: pytest.Item) -> int:
    call = getattr(item, "callspec", None)
    return len(call.params.get("stack", ())) if call else 0


def chosen(words: str) -> list[Stack]:
    """Return the stacks that the command line names."""
    every = every_stack(catalog_of_checkout())
    if words == "every":
        return every
    if wanted := re.fullmatch(r"([1-9])-wise", words):
        return wise(every, int(wanted[1]))
    named = {name_of(stack): stack for stack in every}
    unknown = [word for word in words.split(",") if word not in named]
    if unknown:
        raise pytest.UsageError(
            f"no such stack: {', '.join(unknown)}; there are {', '.join(named)}"
        )
    return [named[word] for word in words.split(",")]


def share(words: str, stacks: list[Stack]) -> list[Stack]:
    """Return the share of the stacks that the command line asks for."""
    try:
        number, count = map(int, words.split("/"))
        return share_of(stacks, number, count)
    except ValueError as error:
        raise pytest.UsageError(f"no such share: {words}; like 1/8 to 8/8") from error

"""The order in which components come makes no difference, and one that goes leaves nothing behind (promise 3).

Every step between two stacks is tried: with those, any way through all stacks is.
"""

from __future__ import annotations

from pathlib import Path

from aegis_cli.operations.add import add
from aegis_cli.operations.create import Request, create
from aegis_cli.operations.outcome import Options
from aegis_cli.operations.remove import remove
from tests.support.git import git
from tests.support.reporter import Silent
from tests.support.stacks import (
    Stack,
    catalog_of_checkout,
    every_stack,
    name_of,
    removable,
)

HOW = Options(sync=False)


def made(parent: Path, stack: Stack) -> Path:
    """Create a project with a stack in a folder of its own."""
    place = parent / name_of(stack)
    place.mkdir()
    return create(Request("my-app", place, components=stack), Silent()).root


def tree(root: Path) -> str:
    """Return the id of a project's tree."""
    return git(root, "rev-parse", "HEAD^{tree}")


def test_the_last_one_that_comes_gives_the_tree_of_init_and_can_go_again(
    stack: Stack, tmp_path: Path
) -> None:
    """For each component of the stack: without it, then with it, then without it again."""
    expected = tree(made(tmp_path, stack))
    for name in removable(stack, catalog_of_checkout()):
        root = made(tmp_path, tuple(other for other in stack if other != name))
        before = tree(root)
        add(root, [name], None, HOW, Silent())
        assert tree(root) == expected, name
        remove(root, [name], None, HOW, Silent())
        assert tree(root) == before, name


def test_all_in_the_opposite_order_give_the_tree_of_init(tmp_path: Path) -> None:
    """The longest way: everything, one after another, the last first."""
    largest = every_stack(catalog_of_checkout())[-1]
    root = made(tmp_path, ())
    for name in reversed(largest):
        add(root, [name], None, HOW, Silent())
    add(root, largest, None, HOW, Silent())  # what came along was not asked for by name until now
    assert tree(root) == tree(made(tmp_path, largest))

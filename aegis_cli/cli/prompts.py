"""Questions at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import typer

from aegis_cli.template.trust import NotTrusted, trust

if TYPE_CHECKING:
    from aegis_cli.template.catalog import Catalog

T = TypeVar("T")


def at_terminal() -> bool:
    """Return whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def with_trust(operation: Callable[[], T], *, ask: bool, trusted: bool = False) -> T:
    """Run an operation; each source that is not trusted yet is asked about once.

    Args:
        operation: What to run, from the start after every answer.
        ask: Somebody is there to ask.
        trusted: The user has said yes to all of them beforehand.
    """
    while True:
        try:
            return operation()
        except NotTrusted as error:
            if not trusted and not (
                ask and typer.confirm(f"{error.message}\nDo you trust it?", err=True)
            ):
                raise
            trust(error.source)


def choose_components(catalog: Catalog) -> list[str]:
    """Show what there is and read a selection."""
    offered = [*catalog.of_kind("component"), *catalog.of_kind("service")]
    width = max(len(component.name) for component in offered)
    for component in offered:
        typer.echo(f"  {component.name:{width}}  {component.summary}", err=True)
    words = typer.prompt(
        "Which of these, by comma (Enter for none; you can add them any time)",
        default="", show_default=False, err=True,
    )  # fmt: skip
    return catalog.parse([words])

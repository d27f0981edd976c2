"""The command line, put together from its commands."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from aegis_cli.cli import options as opt
from aegis_cli.cli.help import GROUPS, SETTINGS, Command, Group

_MODULES = {name: module for module, names in GROUPS.values() for name in names}


def command_line(*names: str) -> typer.Typer:
    """Return the command line, or one of some commands alone: to put all together takes as long as most of them run."""
    made = typer.Typer(
        name="aegis",
        help=main.__doc__,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=SETTINGS,
        cls=Group,
    )
    made.callback()(main)
    for name in names or _MODULES:
        module = import_module(f"aegis_cli.cli.commands.{_MODULES[name]}")
        made.command(name, cls=Command)(opt.grouped(getattr(module, name.replace("-", "_"))))
    return made


def run(argv: list[str]) -> int:
    """Run a command line and return its exit status."""
    from aegis_cli.cli.failures import guarded

    first = ["version"] if argv == ["--version"] else argv[:1]
    names = [name for name in first if name in _MODULES]
    return guarded(lambda: command_line(*names)(argv, standalone_mode=False), argv)


def _show_version(wanted: bool) -> None:
    if wanted:
        from aegis_cli.cli.commands.about import version

        version()
        raise typer.Exit


def main(
    show_version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    """Start a Python application from a template, and let both evolve."""

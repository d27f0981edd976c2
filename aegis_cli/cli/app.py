"""The command line, put together from its commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from aegis_cli.cli.commands import author, keep_up, look, start
from aegis_cli.cli.help import SETTINGS, Command, Group

app = typer.Typer(
    name="aegis",
    help="Start a Python application from a template, and let both evolve.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=SETTINGS,
    cls=Group,
)


def run(argv: list[str]) -> int:
    """Run a command line and return its exit status."""
    from aegis_cli.cli.failures import guarded

    return guarded(lambda: app(argv, standalone_mode=False), argv)


def _show_version(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


@app.callback()
def main(
    show_version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    """Start a Python application from a template, and let both evolve."""


def version() -> None:
    """Show the version of aegis."""
    from aegis_cli.version import installed

    print(f"aegis {installed()}")  # noqa: T201


_COMMANDS: dict[str, Callable[..., None]] = {
    "init": start.init, "adopt": start.adopt, **{name: start.changing(name) for name in start.CHANGING},
    "update": keep_up.update, "pick": keep_up.pick, "offer": keep_up.offer, "conflicts": keep_up.conflicts,
    "resolve": keep_up.resolve, "resolutions": keep_up.resolutions, "restore": keep_up.restore,
    "status": look.status, "news": look.news, "log": look.log, "diff": look.diff,
    **{name: look.listing(name) for name in look.LISTING}, "answers": look.answers, "doctor": look.doctor,
    "new-component": author.new_component, "check-component": author.check_component, "version": version,
}  # fmt: skip
for _name, _command in _COMMANDS.items():
    app.command(_name, cls=Command)(_command)

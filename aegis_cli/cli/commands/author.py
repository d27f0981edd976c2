"""Commands for authors of components."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from aegis_cli.cli import options as opt
from aegis_cli.cli.commands.common import with_trust
from aegis_cli.errors import ExitStatus


class Kind(StrEnum):
    """What a new component is."""

    component = "component"
    service = "service"


def new_component(
    *,
    name: Annotated[
        str, typer.Argument(help="The component's name, and its folder's.", metavar="NAME")
    ],
    kind: Annotated[
        Kind,
        typer.Option(
            "--kind", metavar="KIND", help="component, or service: business functionality."
        ),
    ] = Kind.component,
    output_dir: Annotated[
        Path, typer.Option("--output-dir", "-o", metavar="DIR", help="Where to make the folder.")
    ] = Path(),
    talk: opt.Talk,
) -> None:
    """Start a component of your own."""
    from aegis_cli.cli import show
    from aegis_cli.operations.scaffold import new_component as operation

    console = talk.console
    made = operation(name, kind.value, output_dir, console)
    console.result(made, partial(show.scaffolded, output_dir=output_dir))


def check_component(
    *,
    path: Annotated[
        Path,
        typer.Argument(
            help="The component's repository; default: the one around.", metavar="[PATH]"
        ),
    ] = Path(),
    stack: Annotated[
        str,
        typer.Option(
            "--stack", metavar="A,B", help="Components that the project has, too, for the tests."
        ),
    ] = "",
    no_tests: Annotated[
        bool, typer.Option("--no-tests", help="Only what takes seconds: no `make check`.")
    ] = False,
    template: Annotated[
        str,
        typer.Option("--template", metavar="URL|PATH", help="The template that it is made for."),
    ] = "embedded",
    trust: opt.Trust = False,
    talk: opt.Talk,
) -> None:
    """Check a component of your own.

    Slots, files, rendering, every combination with the template's components, and the checks of a project with it.
    Its files count as they stand, committed or not; its code runs.
    """
    from aegis_cli.cli import show
    from aegis_cli.operations.check import check_component as operation

    console = talk.console
    checked = with_trust(
        console,
        trust,
        lambda: operation(path, console, source=template, stack=[stack], tests=not no_tests),
    )
    console.result(checked, show.checked)
    if not checked.ok:
        raise typer.Exit(ExitStatus.FIXABLE)

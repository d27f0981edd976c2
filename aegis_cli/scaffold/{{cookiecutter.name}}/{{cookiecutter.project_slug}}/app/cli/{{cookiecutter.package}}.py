"""`{{ cookiecutter.name }}`: what the command line can do with it."""

from typing import Annotated

import typer

cli = typer.Typer(
    help="{{ cookiecutter.title }}: says hello.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@cli.callback()
def main() -> None:
    """Keep `greet` a command of its own while it is the only one."""


@cli.command()
def greet(name: Annotated[str, typer.Argument(help="Whom to greet.")]) -> None:
    """Greet somebody."""
    from app.services.{{ cookiecutter.package }}.greeting import greet as greeting_for

    typer.echo(greeting_for(name).text)

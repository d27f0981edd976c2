"""Puts the commands together. Each imports what it needs when it runs, so that all start fast."""

import inspect
import os
import sys
from pathlib import Path

import typer

from app.cli import config, health, routes, serve, version
from app.core.constants import PROJECT_DESCRIPTION, PROJECT_SLUG
from app.core.errors import AppError, ConfigurationError
from app.core.explain import explanation
from app.stack import COMPONENTS


def build_cli() -> typer.Typer:
    """The commands of this application."""
    cli = typer.Typer(
        name=PROJECT_SLUG,
        help=PROJECT_DESCRIPTION,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        result_callback=finish,
    )
    cli.command("health")(health.health)
    cli.command("serve")(serve.serve)
    cli.add_typer(config.cli, name="config")
    cli.command("routes")(routes.routes)
    cli.command("version")(version.show_version)
    for component in COMPONENTS:
        component.commands(cli)
    # Your commands
    return cli


def finish(result: object, **_: object) -> None:
    """Run a command to its end that is `async def`."""
    if inspect.iscoroutine(result):
        import asyncio

        asyncio.run(result)


def open_closed_streams() -> None:
    """Where nobody types, reads or listens (`<&-`, some services), there is nothing instead of None."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # It gets the number that is free, which is the stream's own.
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115


def main() -> None:
    """Run a command; show expected errors as one line."""
    open_closed_streams()
    try:
        build_cli()()
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        print(f"\nCheck again with: uv run {PROJECT_SLUG} config check", file=sys.stderr)
        sys.exit(2)
    except AppError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        text = explanation(error)
        if text is None:
            raise
        print(f"Error: {text}", file=sys.stderr)
        sys.exit(1)

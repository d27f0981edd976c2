"""Puts the commands together. Each imports what it needs when it runs, so that all start fast."""

import sys

import typer

from app.cli import config, health, routes, serve, version
from app.core.constants import PROJECT_DESCRIPTION, PROJECT_SLUG
from app.core.errors import AppError, ConfigurationError
from app.core.explain import explanation


def build_cli() -> typer.Typer:
    """The commands of this application."""
    cli = typer.Typer(
        name=PROJECT_SLUG,
        help=PROJECT_DESCRIPTION,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    cli.command("health")(health.health)
    cli.command("serve")(serve.serve)
    cli.add_typer(config.cli, name="config")
    cli.command("routes")(routes.routes)
    cli.command("version")(version.show_version)
    # slot: commands
    # Your commands
    return cli


def main() -> None:
    """Run a command; show expected errors as one line."""
    try:
        build_cli()()
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201
        print(f"\nCheck again with: {PROJECT_SLUG} config check", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except AppError as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except Exception as error:
        text = explanation(error)
        if text is None:
            raise
        print(f"Error: {text}", file=sys.stderr)  # noqa: T201
        sys.exit(1)

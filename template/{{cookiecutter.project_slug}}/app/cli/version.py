"""`version`: which version of what this is."""

import typer

from app.core.constants import PROJECT_SLUG
from app.core.version import version


def show_version() -> None:
    """Show the version."""
    typer.echo(f"{PROJECT_SLUG} {version()}")

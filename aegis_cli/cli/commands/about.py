"""The command that says which aegis this is."""

from __future__ import annotations


def version() -> None:
    """Show the version of aegis."""
    from aegis_cli.version import installed

    print(f"aegis {installed()}")  # noqa: T201

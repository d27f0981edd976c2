"""The command line of this application."""

from app.cli.commands import main

__all__ = ["main"]

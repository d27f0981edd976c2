"""The command line of this application."""

from app.cli.main import main

__all__ = ["main"]

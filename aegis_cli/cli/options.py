"""Options that several commands share, declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aegis_cli.errors import UsageError

Names = Annotated[
    list[str],
    typer.Argument(
        help="Names, by comma or space; options in brackets: database[postgres].", metavar="NAMES"
    ),
]
ProjectPath = Annotated[
    Path,
    typer.Option(
        "--project-path", metavar="P", help="The project; default: the one around this folder."
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would come; change nothing.")]
NoCommit = Annotated[bool, typer.Option("--no-commit", help="Merge, but leave the commit to you.")]
NoSync = Annotated[
    bool, typer.Option("--no-sync", help="Do not run `uv sync` and `make fix` afterwards.")
]
NoResolve = Annotated[
    bool,
    typer.Option(
        "--no-resolve", help="Leave every conflict to you, also those with one right answer."
    ),
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", "--no-input", help="Ask nothing; take the defaults.")
]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust", help="Trust where templates and components come from: they can run code."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only problems.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Answer a question of the template; may be repeated."
    ),
]


def read_settings(words: list[str] | None, option: str = "--set") -> dict[str, str]:
    """Read `--set KEY=VALUE`, or another option of that form.

    Raises:
        UsageError: A word without `=`.
    """
    settings = {}
    for word in words or []:
        key, sign, value = word.partition("=")
        if not sign or not key:
            raise UsageError(f"'{option} {word}' is not of the form KEY=VALUE.")
        settings[key] = value
    return settings

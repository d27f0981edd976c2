"""Options that several commands share, declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aegis_cli.errors import UsageError

Names = Annotated[
    list[str],
    typer.Argument(
        help="Names, by comma or space.",
        metavar="NAMES...",
    ),
]
Directory = Annotated[
    str | None,
    typer.Option(
        "--directory", metavar="DIR", help="The folder of its repository that the template is in."
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
Message = Annotated[
    str,
    typer.Option(
        "--message",
        "-m",
        metavar="TEXT",
        help="What the merge commit's message begins with; from, to, count, subjects in braces are filled in.",
    ),
]
NoSync = Annotated[bool, typer.Option("--no-sync", help="Do not run `uv sync` afterwards.")]
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
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Name every file and commit, not only how many.")
]
All = Annotated[
    list[Path] | None,
    typer.Option("--all", metavar="FOLDER", help="Every project below a folder; may be repeated."),
]
Lists = Annotated[
    list[Path] | None,
    typer.Option(
        "--list",
        metavar="FILE",
        help="Every project that a file names, one a line; may be repeated.",
    ),
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs",
        metavar="N",
        min=0,
        help="With --all and --list: how many at a time; default: one per processor.",
    ),
]
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
            example = "author_name=Ada" if option == "--set" else "NAME=URL#BRANCH"
            raise UsageError(
                f"'{option} {word}' is not of the form KEY=VALUE.", f"Such as: {option} {example}"
            )
        settings[key] = value
    return settings

"""Options that several commands share, declared once; those that go together as the fields of one value."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from aegis_cli.cli.console import Console
from aegis_cli.errors import UsageError

if TYPE_CHECKING:
    from aegis_cli.operations.outcome import Options

Names = Annotated[list[str], typer.Argument(help="Names, by comma or space.", metavar="NAMES...")]
Directory = Annotated[
    str | None,
    typer.Option(
        "--directory", metavar="DIR", help="The folder of its repository that the template is in."
    ),
]
As = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="NAME",
        help="Connect the project that is here to one more template, called so.",
    ),
]
ProjectPath = Annotated[
    Path,
    typer.Option(
        "--project-path", metavar="P", help="The project; default: the one around this folder."
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would come; change nothing.")]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust", help="Trust where templates and components come from: they can run code."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Answer a question of the template; may be repeated."
    ),
]


def _of(default: str) -> Any:
    words = f"Which template, where a project has several; default: {default}."
    return typer.Option("--of", metavar="NAME", help=words)


@dataclass(frozen=True)
class Which:
    """Which project, and which of its templates."""

    of: Annotated[str, _of("its first")] = "main"
    project_path: ProjectPath = Path()


@dataclass(frozen=True)
class WhichAll:
    """The same, where nothing is said of one template for all of them."""

    of: Annotated[str | None, _of("all of them")] = None
    project_path: ProjectPath = Path()


@dataclass(frozen=True)
class Talk:
    """How a run talks, and whether it asks."""

    yes: Annotated[
        bool, typer.Option("--yes", "-y", "--no-input", help="Ask nothing; take the defaults.")
    ] = False
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only problems.")] = False
    verbose = False  # no option of these

    @property
    def console(self) -> Console:
        """Where the run's words go."""
        return Console(self.quiet, self.as_json, self.verbose, asks=not (self.yes or self.as_json))


@dataclass(frozen=True)
class TalkInFull(Talk):
    """The same, for what can be told in full."""

    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Name every file and commit, not only how many.")
    ] = False


@dataclass(frozen=True)
class Merging:
    """How to merge."""

    dry_run: DryRun = False
    no_commit: Annotated[
        bool, typer.Option("--no-commit", help="Merge, but leave the commit to you.")
    ] = False
    no_sync: Annotated[bool, typer.Option("--no-sync", help="Do not run `uv sync` afterwards.")] = (
        False
    )
    no_resolve: Annotated[
        bool,
        typer.Option(
            "--no-resolve", help="Leave every conflict to you, also those with one right answer."
        ),
    ] = False
    message: Annotated[
        str,
        typer.Option(
            "--message",
            "-m",
            metavar="TEXT",
            help="What the merge commit's message begins with; from, to, count, subjects in braces are filled in.",
        ),
    ] = ""

    def options(self, *, squash: bool = False, branch: str = "", push: bool = False) -> Options:
        """Return the same as operations take it."""
        from aegis_cli.operations.outcome import Options

        return Options(
            dry_run=self.dry_run, commit=not self.no_commit, sync=not self.no_sync, settle=not self.no_resolve,
            message=self.message, squash=squash, branch=branch, push=push,
        )  # fmt: skip


@dataclass(frozen=True)
class Moved:
    """Where the template and what belongs to it are now, and which of that stays as it is."""

    template: Annotated[
        str | None,
        typer.Option(
            "--template", metavar="URL|PATH", help="Where the template is now, if it has moved."
        ),
    ] = None
    directory: Directory = None
    hold: Annotated[
        list[str] | None,
        typer.Option(
            "--hold",
            metavar="NAME",
            help="Leave a third party's component as it is; may be repeated.",
        ),
    ] = None
    component_sources: Annotated[
        list[str] | None,
        typer.Option(
            "--component-source",
            metavar="NAME=URL#BRANCH",
            help="Where a third party's component is now, if it has moved.",
        ),
    ] = None

    @property
    def given(self) -> dict[str, object]:
        """Its options by their names."""
        return {
            "--template": self.template, "--directory": self.directory, "--hold": self.hold,
            "--component-source": self.component_sources,
        }  # fmt: skip


@dataclass(frozen=True)
class Many:
    """Which projects, where it is not one."""

    folders: Annotated[
        list[Path] | None,
        typer.Option(
            "--all", metavar="FOLDER", help="Every project below a folder; may be repeated."
        ),
    ] = None
    lists: Annotated[
        list[Path] | None,
        typer.Option(
            "--list",
            metavar="FILE",
            help="Every project that a file names, one a line; may be repeated.",
        ),
    ] = None
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            metavar="N",
            min=0,
            help="With --all and --list: how many at a time; default: one per processor.",
        ),
    ] = 0

    def are_named(self, command: str) -> bool:
        """Whether projects are named; refuse what is for many where there is one alone."""
        if self.folders or self.lists:
            return True
        if self.jobs:
            raise UsageError("--jobs is for many projects.", f"{command} --all FOLDER --jobs N")
        return False


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Let Typer see an option for each field of a parameter that is a dataclass; the command gets the dataclass."""
    signature = inspect.signature(command, eval_str=True)
    taken = signature.parameters
    groups: dict[str, Any] = {
        name: each.annotation for name, each in taken.items() if is_dataclass(each.annotation)
    }
    seen: list[inspect.Parameter] = []
    for name, each in taken.items():
        seen += _options(groups[name]) if name in groups else [each]

    @wraps(command)
    def called(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{field.name: given.pop(field.name) for field in fields(group)})
        command(**given)

    called.__signature__ = signature.replace(parameters=seen)  # type: ignore[attr-defined]
    called.__annotations__ = {each.name: each.annotation for each in seen}
    return called


def _options(group: Any) -> list[inspect.Parameter]:
    kinds, kind = get_type_hints(group, include_extras=True), inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter(each.name, kind, default=each.default, annotation=kinds[each.name])
        for each in fields(group)
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

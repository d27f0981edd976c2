"""Commands that start a project, and let it grow."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from aegis_cli.cli import options as opt
from aegis_cli.cli.commands.common import asking, evolve, may_ask, with_trust
from aegis_cli.errors import UsageError


def init(
    *,
    name: Annotated[
        str | None,
        typer.Argument(
            help="The project's name, and its folder's; `.` for this folder.", metavar="[NAME]"
        ),
    ] = None,
    components: Annotated[
        str,
        typer.Option(
            "--components",
            "-c",
            metavar="A,B",
            help="Components to begin with; the other questions are asked.",
        ),
    ] = "",
    services: Annotated[
        str, typer.Option("--services", "-s", metavar="A,B", help="Services to begin with.")
    ] = "",
    template: Annotated[
        str,
        typer.Option(
            "--template",
            metavar="URL|PATH",
            help="A template of your own: any git repository with a Cookiecutter template.",
        ),
    ] = "embedded",
    directory: opt.Directory = None,
    label: opt.As = "",
    ref: Annotated[
        str | None,
        typer.Option(
            "--ref",
            metavar="REV",
            help="Revision of the template, or `worktree`; default: the newest.",
        ),
    ] = None,
    output_dir: Annotated[
        Path, typer.Option("--output-dir", "-o", metavar="DIR", help="Where to make the folder.")
    ] = Path(),
    settings: opt.Settings = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Trust the template: it can run code.")
    ] = False,
    no_git: Annotated[bool, typer.Option("--no-git", help="Only files, no repository.")] = False,
    no_lock: Annotated[
        bool, typer.Option("--no-lock", help="Do not make and commit uv.lock.")
    ] = False,
    dry_run: opt.DryRun = False,
    talk: opt.TalkInFull,
) -> None:
    """Start a new project."""
    from aegis_cli.cli import new_project
    from aegis_cli.operations.create import Request, create

    console = talk.console
    request = Request(
        name=name, parent=output_dir, components=[components], services=[services],
        source=template, directory=directory or "", ref=ref, settings=opt.read_settings(settings),
        trusted=trust, git=not no_git, dry_run=dry_run,
        lock=not no_lock, label=label,
    )  # fmt: skip
    dialogue = asking(console) if may_ask(console) and not dry_run else None
    created = with_trust(console, trust, lambda: create(request, console, dialogue))
    console.result(created, partial(new_project.created, output_dir=output_dir, label=label))


def adopt(
    *,
    template: Annotated[
        str | None,
        typer.Option(
            "--template",
            metavar="URL|PATH",
            help="The template that it is from; default: what another tool has noted.",
        ),
    ] = None,
    directory: opt.Directory = None,
    label: opt.As = "",
    ref: Annotated[
        str | None,
        typer.Option(
            "--ref",
            metavar="REV",
            help="The template's revision that it is from; default: what was noted, or is nearest.",
        ),
    ] = None,
    settings: opt.Settings = None,
    components: Annotated[
        str | None,
        typer.Option(
            "--components",
            "-c",
            metavar="A,B",
            help="The template's components that it has; default: those whose files are there.",
        ),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(
            "--replay", metavar="FILE", help="A replay file of Cookiecutter's, for the answers."
        ),
    ] = None,
    onto: Annotated[
        str | None,
        typer.Option(
            "--onto",
            metavar="URL|PATH",
            help="With --dry-run: how far it is from a template that it was not made from.",
        ),
    ] = None,
    project_path: opt.ProjectPath = Path(),
    dry_run: opt.DryRun = False,
    trust: opt.Trust = False,
    talk: opt.TalkInFull,
) -> None:
    """Connect a project that another tool made to its template.

    What cruft, cutty, battenberg, cookiecutter or copier have noted is read; what they leave open is searched for in
    the template's history. One commit adds .aegis/, and nothing else changes.
    """
    from aegis_cli.cli import adopting
    from aegis_cli.operations.adopt import Request
    from aegis_cli.operations.adopt import adopt as operation

    if onto is not None and template is not None:
        raise UsageError("--template and --onto both name the template.", "Give one of them.")
    if onto is not None and not dry_run:
        raise UsageError(
            "--onto says how far the project is from a template that it was not made from.",
            "Add --dry-run. To connect it to the template that it was made from: aegis adopt --template URL",
        )
    console = talk.console
    request = Request(
        folder=project_path, source=onto or template, directory=directory, ref=ref,
        settings=opt.read_settings(settings), components=None if components is None else [components], replay=replay,
        foreign=onto is not None, dry_run=dry_run, label=label,
    )  # fmt: skip
    dialogue = adopting.Dialogue(console) if may_ask(console) and not dry_run else None
    adopted = with_trust(console, trust, lambda: operation(request, console, dialogue))
    console.result(adopted, adopting.show)


_PUBLISHED = (
    "\n\nWhat somebody else publishes is named by its address: URL#BRANCH, gh:OWNER/NAME or a path."
)
_CHANGING: dict[str, tuple[str | None, str]] = {
    "add": (None, f"Add components (database, scheduler, ...) and what they require.{_PUBLISHED}"),
    "add-service": ("service", f"Add services (auth, ai, ...) and what they require.{_PUBLISHED}"),
    "remove": (None, "Take components out; files that you changed stay."),
    "remove-service": ("service", "Take services out; files that you changed stay."),
}
"""The commands that bring components in or take them out: (kind of component, what the help says)."""


def _changing(name: str) -> Callable[..., None]:
    """Make one of the four commands of `_CHANGING`: they differ in two words."""
    kind, words = _CHANGING[name]

    def command(
        *,
        names: opt.Names,
        which: opt.Which,
        merging: opt.Merging,
        trust: opt.Trust = False,
        talk: opt.TalkInFull,
    ) -> None:
        if name.startswith("add"):
            from aegis_cli.operations.add import add as operation
        else:
            from aegis_cli.operations.remove import remove as operation

        console = talk.console
        how = merging.options()
        evolve(
            console,
            trust,
            lambda: operation(which.project_path, names, kind, how, console, of=which.of),
        )

    command.__doc__ = words
    return command


add, add_service, remove, remove_service = map(_changing, _CHANGING)

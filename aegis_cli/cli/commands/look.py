"""Commands that look at a project, its template and this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from aegis_cli.cli import options as opt
from aegis_cli.cli.commands.common import evolve, options, with_trust
from aegis_cli.cli.console import Console
from aegis_cli.errors import ExitStatus, UsageError


def status(
    folders: opt.All = None,
    lists: opt.Lists = None,
    jobs: opt.Jobs = 0,
    project_path: opt.ProjectPath = Path(),
    yes: opt.Yes = False,  # noqa: ARG001  (it asks nothing)
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Show where the project stands: template, stack, what is waiting upstream."""
    console = Console(quiet, as_json)
    if folders or lists:
        from aegis_cli.cli import fleet
        from aegis_cli.operations.fleet import Task

        unfit = ["--project-path"] if project_path != Path() else []
        fleet.run(console, folders or [], lists or [], jobs, Task(), unfit)
        return
    from aegis_cli.cli import show
    from aegis_cli.operations.status import status as operation

    found = operation(project_path, console)
    console.data(found) if as_json else show.status(console, found)


def news(
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="REV", help="Since when; default: since what you have."),
    ] = None,
    project_path: opt.ProjectPath = Path(),
    yes: opt.Yes = False,  # noqa: ARG001  (it asks nothing)
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
) -> None:
    """Show what is new in the template, as release notes."""
    from aegis_cli.cli.news import news as show
    from aegis_cli.operations.news import news as operation

    console = Console(quiet, as_json, verbose)
    found = operation(project_path, console, since=since)
    console.data(found) if as_json else show(console, found)


def log(
    project_path: opt.ProjectPath = Path(),
    limit: Annotated[
        int,
        typer.Option("--limit", "-n", metavar="N", min=1, help="How many commits; default: 20."),
    ] = 20,
    yes: opt.Yes = False,  # noqa: ARG001  (it asks nothing)
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Show the template commits that the project has, newest first."""
    from aegis_cli.cli import show
    from aegis_cli.operations.log import log as operation

    console = Console(quiet, as_json)
    found = operation(project_path, limit)
    console.data(found) if as_json else show.log(console, found)


def diff(
    upstream: Annotated[
        bool, typer.Option("--upstream", help="What an update would bring.")
    ] = False,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="REV", help="With --upstream: the revision to look at."),
    ] = None,
    project_path: opt.ProjectPath = Path(),
    trust: opt.Trust = False,
    yes: opt.Yes = False,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Show what you changed against the template, or what an update would bring."""
    from aegis_cli.operations.difference import difference

    if to is not None and not upstream:
        raise UsageError(
            "--to says how far to look upstream, and goes with --upstream.",
            f"aegis diff --upstream --to {to}",
        )
    console = Console(quiet, as_json)
    text = with_trust(
        console,
        lambda: difference(project_path, console, upstream=upstream, to=to),
        yes=yes,
        trust=trust,
    )
    if as_json:
        console.data({"diff": text.decode("utf-8", "replace")})
        return
    console.diff(text)


LISTING = {"components": "component", "services": "service"}
"""The commands that list what a template has: {command: kind of component}."""


def listing(name: str) -> Callable[..., None]:
    """Make one of the two commands of `LISTING`."""
    kind = LISTING[name]

    def command(
        template: Annotated[
            str | None, typer.Option("--template", metavar="URL|PATH", help="Of this template.")
        ] = None,
        project_path: opt.ProjectPath = Path(),
        yes: opt.Yes = False,  # noqa: ARG001  (it asks nothing)
        as_json: opt.Json = False,
        quiet: opt.Quiet = False,
    ) -> None:
        from aegis_cli.cli import show
        from aegis_cli.operations.components import offers

        console = Console(quiet, as_json)
        found = offers(template, project_path, kind, console)
        console.data(found) if as_json else show.offers(console, found, kind)

    command.__doc__ = f"List the {name} that there are."
    return command


def answers(
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Change an answer of the project; may be repeated."
        ),
    ] = None,
    project_path: opt.ProjectPath = Path(),
    dry_run: opt.DryRun = False,
    no_commit: opt.NoCommit = False,
    no_sync: opt.NoSync = False,
    no_resolve: opt.NoResolve = False,
    message: opt.Message = "",
    trust: opt.Trust = False,
    yes: opt.Yes = False,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
) -> None:
    """Show the project's answers and where each is used; change some of them.

    With --set the same template is rendered with other answers, and merged: renamed files keep your changes.
    """
    from aegis_cli.operations import answering

    console = Console(quiet, as_json, verbose)
    if settings:
        wanted = opt.read_settings(settings)
        how = options(dry_run, no_commit, no_sync, no_resolve, message)
        evolve(
            console,
            lambda: answering.set_answers(project_path, wanted, how, console),
            yes=yes, trust=trust,
        )  # fmt: skip
        return
    from aegis_cli.cli import show

    found = answering.answers(project_path, console)
    console.data(found) if as_json else show.answers(console, found)


def doctor(
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Repair what is safe: nothing of yours is touched."),
    ] = False,
    project_path: opt.ProjectPath = Path(),
    yes: opt.Yes = False,  # noqa: ARG001  (it asks nothing)
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Check this machine, the project and its template; say what is wrong, and what to do.

    It runs no code of the project's or the template's. Outside of a project it looks at the machine alone.
    """
    from aegis_cli.cli.doctor import show
    from aegis_cli.operations.doctor import diagnose

    console = Console(quiet, as_json)
    found = diagnose(project_path, console, fix=fix)
    console.data(found) if as_json else show(console, found)
    if not found.ok:
        raise typer.Exit(ExitStatus.FIXABLE)

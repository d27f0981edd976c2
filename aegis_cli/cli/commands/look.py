"""Commands that look at a project, its template and this machine."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from aegis_cli.cli import options as opt
from aegis_cli.cli.commands.common import evolve, with_trust
from aegis_cli.errors import ExitStatus, TemplateNotNamed, UsageError
from aegis_cli.text import quoted


def status(
    *,
    many: opt.Many,
    which: opt.WhichAll,
    talk: opt.Talk,
) -> None:
    """Show where the project stands: template, stack, what is waiting upstream."""
    console = talk.console
    if many.are_named("aegis status"):
        from aegis_cli.cli import fleet
        from aegis_cli.operations.fleet import Task

        alone = {"--project-path": which.project_path != Path(), "--of": which.of is not None}
        fleet.run(console, many, Task(), [option for option, given in alone.items() if given])
        return
    from aegis_cli.cli import show
    from aegis_cli.operations.status import Unread, standing
    from aegis_cli.operations.status import status as operation

    try:
        found = operation(which.project_path, console, of=which.of)
    except TemplateNotNamed as several:
        each = {name: standing(which.project_path, console, name) for name in several.names}
        console.data({"templates": each}) if console.as_json else show.statuses(console, each)
        if any(isinstance(found, Unread) for found in each.values()):
            raise typer.Exit(ExitStatus.FIXABLE) from None
        return
    console.result(found, partial(show.status, of=which.of or ""))


def news(
    *,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="REV", help="Since when; default: since what you have."),
    ] = None,
    which: opt.Which,
    talk: opt.TalkInFull,
) -> None:
    """Show what is new in the template, as release notes."""
    from aegis_cli.cli.news import news as show
    from aegis_cli.operations.news import news as operation

    console = talk.console
    found = operation(which.project_path, console, of=which.of, since=since)
    console.result(found, show)


def log(
    *,
    which: opt.Which,
    limit: Annotated[
        int,
        typer.Option("--limit", "-n", metavar="N", min=1, help="How many commits; default: 20."),
    ] = 20,
    talk: opt.Talk,
) -> None:
    """Show the template commits that the project has, newest first."""
    from aegis_cli.cli import show
    from aegis_cli.operations.log import log as operation

    console = talk.console
    found = operation(which.project_path, limit, which.of)
    console.result(found, show.log)


def diff(
    *,
    upstream: Annotated[
        bool, typer.Option("--upstream", help="What an update would bring.")
    ] = False,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="REV", help="With --upstream: the revision to look at."),
    ] = None,
    which: opt.Which,
    trust: opt.Trust = False,
    talk: opt.Talk,
) -> None:
    """Show what you changed against the template, or what an update would bring."""
    from aegis_cli.operations.difference import difference

    if to is not None and not upstream:
        raise UsageError(
            "--to says how far to look upstream, and goes with --upstream.",
            f"aegis diff --upstream --to {quoted(to)}",
        )
    console = talk.console
    text = with_trust(
        console,
        trust,
        lambda: difference(which.project_path, console, of=which.of, upstream=upstream, to=to),
    )
    if console.as_json:
        console.data({"diff": text.decode("utf-8", "replace")})
        return
    console.diff(text)


_LISTING = {"components": "component", "services": "service"}
"""The commands that list what a template has: {command: kind of component}."""


def _listing(name: str) -> Callable[..., None]:
    """Make one of the two commands of `_LISTING`."""
    kind = _LISTING[name]

    def command(
        *,
        template: Annotated[
            str | None, typer.Option("--template", metavar="URL|PATH", help="Of this template.")
        ] = None,
        which: opt.Which,
        talk: opt.Talk,
    ) -> None:
        from aegis_cli.cli import show
        from aegis_cli.operations.components import offers

        console = talk.console
        found = offers(template, which.project_path, kind, console, which.of)
        console.result(found, partial(show.offers, kind=kind))

    command.__doc__ = f"List the {name} that there are."
    return command


components, services = map(_listing, _LISTING)


def answers(
    *,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Change an answer of the project; may be repeated."
        ),
    ] = None,
    which: opt.Which,
    merging: opt.Merging,
    trust: opt.Trust = False,
    talk: opt.TalkInFull,
) -> None:
    """Show the project's answers and where each is used; change some of them.

    With --set the same template is rendered with other answers, and merged: renamed files keep your changes.
    """
    from aegis_cli.operations import answering

    console = talk.console
    if settings:
        wanted = opt.read_settings(settings)
        how = merging.options()
        evolve(
            console,
            trust,
            lambda: answering.set_answers(which.project_path, wanted, how, console, of=which.of),
        )
        return
    from aegis_cli.cli import show

    found = answering.answers(which.project_path, console, which.of)
    console.result(found, partial(show.answers, of=which.of))


def doctor(
    *,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Repair what is safe: nothing of yours is touched."),
    ] = False,
    project_path: opt.ProjectPath = Path(),
    talk: opt.Talk,
) -> None:
    """Check this machine, the project and its template; say what is wrong, and what to do.

    It runs no code of the project's or the template's. Outside of a project it looks at the machine alone.
    """
    from aegis_cli.cli.doctor import show
    from aegis_cli.operations.doctor import diagnose

    console = talk.console
    found = diagnose(project_path, console, fix=fix)
    console.result(found, show)
    if not found.ok:
        raise typer.Exit(ExitStatus.FIXABLE)

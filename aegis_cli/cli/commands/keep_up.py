"""Commands that keep a project and its template together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aegis_cli.cli import options as opt
from aegis_cli.cli.commands.common import (
    asking,
    evolve,
    evolve_each,
    may_ask,
    require_none,
    with_trust,
)
from aegis_cli.cli.console import Console
from aegis_cli.errors import ExitStatus, TemplateNotNamed, UsageError
from aegis_cli.text import quoted

if TYPE_CHECKING:
    from aegis_cli.operations.outcome import Outcome
    from aegis_cli.operations.pick import Picked


def update(
    *,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="REV",
            help="A release, branch or commit of the template, or `worktree`; default: the newest release.",
        ),
    ] = None,
    settings: opt.Settings = None,
    security: Annotated[
        bool,
        typer.Option("--security", help="Only commits that mend security, as `aegis pick` does."),
    ] = False,
    squash: Annotated[
        bool, typer.Option("--squash", help="One commit for all template commits.")
    ] = False,
    moved: opt.Moved,
    many: opt.Many,
    which: opt.WhichAll,
    merging: opt.Merging,
    branch: Annotated[
        str,
        typer.Option(
            "--branch",
            metavar="NAME",
            help="On a new branch, beside your checkout: that is left alone.",
        ),
    ] = "",
    push: Annotated[
        bool, typer.Option("--push", help="Push that branch; no other, and never by force.")
    ] = False,
    go_on: Annotated[
        bool, typer.Option("--continue", help="After conflicts: what to run instead.")
    ] = False,
    abort: Annotated[
        bool, typer.Option("--abort", help="After conflicts: what to run instead.")
    ] = False,
    trust: opt.Trust = False,
    talk: opt.TalkInFull,
) -> None:
    """Bring the project to a newer template.

    Where it is connected to several, one after the other, each by a merge of its own.
    """
    from aegis_cli.operations.update import update as operation

    if go_on or abort:
        _point_to_git("--continue" if go_on else "--abort")
    if push and not branch:
        raise UsageError("--push pushes a new branch.", "aegis update --branch NAME --push")
    console = talk.console
    if security:
        idle = {
            "--set": settings, "--squash": squash, **moved.given, "--no-commit": merging.no_commit,
            "--message": merging.message, "--branch": branch, "--no-resolve": merging.no_resolve,
            "--no-sync": merging.no_sync, "--all": many.folders, "--list": many.lists, "--jobs": many.jobs,
        }  # fmt: skip
        _only_security(console, which, to, idle, dry_run=merging.dry_run, trust=trust)
        return
    how = merging.options(squash=squash, branch=branch, push=push)
    if many.are_named("aegis update"):
        from aegis_cli.cli import fleet
        from aegis_cli.operations.fleet import Task

        alone = {
            "--project-path": which.project_path != Path(), "--set": settings, **moved.given, "--trust": trust,
            "--of": which.of is not None,
        }  # fmt: skip
        unfit = [option for option, given in alone.items() if given]
        fleet.run(console, many, Task(how, to), unfit)
        return
    asker = asking(console) if may_ask(console) and not merging.dry_run else None

    def one(name: str | None) -> Outcome:
        return operation(
            which.project_path, how, console, of=name, to=to, settings=opt.read_settings(settings),
            source=moved.template, directory=moved.directory, hold=moved.hold or (),
            component_sources=opt.read_settings(moved.component_sources, "--component-source"),
            asker=asker,
        )  # fmt: skip

    of_one = {
        "--to": to, "--set": settings, **moved.given, "--branch": branch, "--no-commit": merging.no_commit,
    }  # fmt: skip
    try:
        evolve(console, trust, lambda: one(which.of))
    except TemplateNotNamed as several:
        require_none(several, [option for option, given in of_one.items() if given])
        evolve_each(console, trust, several.names, one)


def pick(
    *,
    commits: Annotated[
        list[str],
        typer.Argument(help="Ids of template commits, from `aegis status`.", metavar="COMMIT..."),
    ],
    which: opt.Which,
    dry_run: opt.DryRun = False,
    trust: opt.Trust = False,
    talk: opt.TalkInFull,
) -> None:
    """Take single upstream commits ahead of an update, as git cherry-picks."""
    from aegis_cli.operations.pick import pick as operation

    console = talk.console
    picked = with_trust(
        console,
        trust,
        lambda: operation(which.project_path, commits, console, of=which.of, dry_run=dry_run),
    )
    _tell_picked(console, picked)


def offer(
    *,
    commits: Annotated[
        list[str],
        typer.Argument(help="Commits of this project, oldest first.", metavar="COMMIT..."),
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            metavar="PATH",
            help="A checkout of the template that gets a branch; default: a clone beside the project.",
        ),
    ] = None,
    patch: Annotated[
        Path | None,
        typer.Option(
            "--patch", metavar="DIR", help="Patches instead, as git format-patch has them."
        ),
    ] = None,
    branch: Annotated[
        str,
        typer.Option(
            "--branch",
            metavar="NAME",
            help="What to call the branch; default: after the first commit.",
        ),
    ] = "",
    which: opt.Which,
    dry_run: opt.DryRun = False,
    trust: opt.Trust = False,
    talk: opt.TalkInFull,
) -> None:
    """Give back: turn fixes made in a project into a branch of its template."""
    from aegis_cli.cli import offers
    from aegis_cli.operations.offer import offer as operation

    console = talk.console
    offered = with_trust(
        console,
        trust,
        lambda: operation(
            which.project_path,
            commits,
            console,
            of=which.of,
            to=to,
            patch=patch,
            branch=branch,
            dry_run=dry_run,
        ),
    )
    console.result(offered, offers.offered)
    if offered.status == "nothing":
        raise typer.Exit(ExitStatus.FIXABLE)


def conflicts(
    *,
    project_path: opt.ProjectPath = Path(),
    talk: opt.TalkInFull,
) -> None:
    """List what is left of a merge, and the commits behind it."""
    from aegis_cli.cli.conflicts import conflicts as show
    from aegis_cli.operations.conflicts import conflicts as operation

    console = talk.console
    found = operation(project_path)
    console.result(found, show)
    if found.files:
        raise typer.Exit(ExitStatus.CONFLICTS)


def resolve(
    *,
    project_path: opt.ProjectPath = Path(),
    dry_run: opt.DryRun = False,
    talk: opt.Talk,
) -> None:
    """Settle conflicts that have one right answer, in a merge of your own."""
    from aegis_cli.cli import show
    from aegis_cli.operations.resolve import resolve as operation

    console = talk.console
    resolved = operation(project_path, dry_run=dry_run)
    console.result(resolved, show.resolved)
    if resolved.conflicts and not dry_run:
        raise typer.Exit(ExitStatus.CONFLICTS)


def resolutions(
    *,
    share: Annotated[
        bool,
        typer.Option(
            "--share", help="Exchange them with the place where your team shares its own."
        ),
    ] = False,
    place: Annotated[
        str,
        typer.Option(
            "--at",
            metavar="URL|PATH",
            help="That place; default: git config aegis.resolutions.",
        ),
    ] = "",
    project_path: opt.ProjectPath = Path(),
    talk: opt.Talk,
) -> None:
    """Tell how many resolved conflicts git remembers, and share them with your team.

    A conflict that was resolved once is resolved like that again, here and in the projects of whoever shares them.
    """
    from aegis_cli.cli import show
    from aegis_cli.operations import resolutions as operation

    if place and not share:
        raise UsageError(
            "--at says where to share.", f"aegis resolutions --share --at {quoted(place)}"
        )
    console = talk.console
    found = (
        operation.share(project_path, place, console) if share else operation.memory(project_path)
    )
    console.result(found, show.memory)


def restore(
    *,
    paths: Annotated[
        list[str],
        typer.Argument(help="Files of the template, or folders with such.", metavar="PATH..."),
    ],
    which: opt.Which,
    dry_run: opt.DryRun = False,
    trust: opt.Trust = False,
    talk: opt.Talk,
) -> None:
    """Bring files back as the template has them: deleted ones, or changed ones.

    At the template's version that the project has. They are written to the work tree, for you to commit.
    """
    from aegis_cli.cli import show
    from aegis_cli.operations.restore import restore as operation

    console = talk.console
    found = with_trust(
        console,
        trust,
        lambda: operation(which.project_path, paths, console, of=which.of, dry_run=dry_run),
    )
    console.result(found, show.restored)


def _only_security(
    console: Console,
    which: opt.WhichAll,
    to: str | None,
    given: Mapping[str, object],
    *,
    dry_run: bool,
    trust: bool,
) -> None:
    """Run `aegis update --security`, which merges nothing: what says how to merge has no meaning there."""
    from aegis_cli.operations.security import update_security as operation

    idle = [option for option, value in given.items() if value]
    if idle:
        raise UsageError(
            f"{idle[0]} does not go with --security, which picks single commits and merges nothing."
            " Nothing was changed.",
            "aegis update --security --dry-run",
        )
    try:
        picked = with_trust(
            console,
            trust,
            lambda: operation(which.project_path, console, of=which.of, to=to, dry_run=dry_run),
        )
    except TemplateNotNamed as several:
        require_none(several, ["--security"])
        raise
    _tell_picked(console, picked)


def _tell_picked(console: Console, picked: Picked) -> None:
    from aegis_cli.cli import results

    console.result(picked, results.picked)
    if picked.status == "conflicts":
        raise typer.Exit(ExitStatus.CONFLICTS)


def _point_to_git(option: str) -> None:
    """Say how git ends what waits: for those who look for it here, as other tools have it."""
    raise UsageError(
        "An update that waits is an ordinary git merge, and git ends it. Nothing was changed.",
        f"git merge {option}",
    )

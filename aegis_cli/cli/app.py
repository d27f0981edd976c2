"""The commands. Each parses its words, calls one operation, and shows the outcome."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aegis_cli.cli import options as opt
from aegis_cli.cli.console import Console

if TYPE_CHECKING:
    from aegis_cli.operations.evolve import Options
    from aegis_cli.operations.outcome import Outcome

app = typer.Typer(
    name="aegis",
    help="Start a Python application from a template, and let both evolve.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def run(argv: list[str]) -> int:
    """Run a command line and return its exit status."""
    from aegis_cli.cli.failures import guarded

    return guarded(lambda: app(argv, standalone_mode=False), argv)


def _show_version(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


@app.callback()
def main(
    show_version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    """Start a Python application from a template, and let both evolve."""


@app.command()
def init(
    name: Annotated[str, typer.Argument(help="The project's name, and its folder's.")],
    components: Annotated[
        str, typer.Option("--components", "-c", metavar="a,b", help="Components to begin with.")
    ] = "",
    services: Annotated[
        str, typer.Option("--services", "-s", metavar="x", help="Services to begin with.")
    ] = "",
    template: Annotated[
        str,
        typer.Option(
            "--template",
            metavar="URL|PATH",
            help="A template of your own: any git repository with a Cookiecutter template.",
        ),
    ] = "embedded",
    ref: Annotated[
        str | None,
        typer.Option("--ref", metavar="REV", help="Revision of the template; default: the newest."),
    ] = None,
    output_dir: Annotated[
        Path, typer.Option("--output-dir", "-o", help="Where to make the folder.")
    ] = Path(),
    settings: opt.Settings = None,
    yes: opt.Yes = False,
    trust: Annotated[
        bool, typer.Option("--trust", help="Trust the template: it can run code.")
    ] = False,
    no_git: Annotated[bool, typer.Option("--no-git", help="Only files, no repository.")] = False,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Start a new project."""
    from aegis_cli.cli import prompts, show
    from aegis_cli.operations.create import Request, create

    console = Console(quiet, as_json)
    interactive = not yes and not as_json and prompts.at_terminal()
    chosen = bool(components or services or settings)
    request = Request(
        name=name, parent=output_dir, components=[components], services=[services],
        source=template, ref=ref, settings=opt.read_settings(settings),
        interactive=interactive and not chosen, trusted=trust, git=not no_git,
    )  # fmt: skip
    choose = prompts.choose_components if interactive and not chosen else None
    created = prompts.with_trust(
        lambda: create(request, console, choose), ask=interactive, trusted=trust
    )
    console.data(created) if as_json else show.created(console, created, output_dir)


def _register(name: str, kind: str | None, words: str) -> None:
    """Register one of the four commands that bring components in or take them out: they differ in two words."""

    @app.command(name, help=words)
    def command(
        names: opt.Names,
        project_path: opt.ProjectPath = Path(),
        dry_run: opt.DryRun = False,
        no_commit: opt.NoCommit = False,
        no_sync: opt.NoSync = False,
        no_resolve: opt.NoResolve = False,
        trust: opt.Trust = False,
        yes: opt.Yes = False,
        as_json: opt.Json = False,
        quiet: opt.Quiet = False,
    ) -> None:
        if name.startswith("add"):
            from aegis_cli.operations.add import add as operation
        else:
            from aegis_cli.operations.remove import remove as operation

        how = _options(dry_run, no_commit, no_sync, no_resolve)
        console = Console(quiet, as_json)
        _evolve(
            console,
            lambda: operation(project_path, names, kind, how, console),
            yes=yes, trust=trust,
        )  # fmt: skip


_PUBLISHED = (
    "\n\nWhat somebody else publishes is named by its address: URL#BRANCH, gh:OWNER/NAME or a path."
)
_register(
    "add", None, f"Add components (database, scheduler, ...) and what they require.{_PUBLISHED}"
)
_register(
    "add-service", "service", f"Add services (auth, ai, ...) and what they require.{_PUBLISHED}"
)
_register("remove", None, "Remove components; files that you changed stay.")
_register("remove-service", "service", "Remove services; files that you changed stay.")


@app.command()
def update(
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="REV",
            help="A release, branch or commit of the template; default: the newest release.",
        ),
    ] = None,
    settings: opt.Settings = None,
    squash: Annotated[
        bool, typer.Option("--squash", help="One commit for all template commits.")
    ] = False,
    template: Annotated[
        str | None,
        typer.Option(
            "--template", metavar="URL|PATH", help="Where the template is now, if it has moved."
        ),
    ] = None,
    hold: Annotated[
        list[str] | None,
        typer.Option(
            "--hold",
            metavar="NAME",
            help="Leave a third party's component as it is; may be repeated.",
        ),
    ] = None,
    component_sources: Annotated[
        list[str] | None,
        typer.Option(
            "--component-source",
            metavar="NAME=URL#BRANCH",
            help="Where a third party's component is now, if it has moved.",
        ),
    ] = None,
    project_path: opt.ProjectPath = Path(),
    dry_run: opt.DryRun = False,
    no_commit: opt.NoCommit = False,
    no_sync: opt.NoSync = False,
    no_resolve: opt.NoResolve = False,
    trust: opt.Trust = False,
    yes: opt.Yes = False,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Bring the project to a newer template."""
    from aegis_cli.cli import prompts
    from aegis_cli.operations.update import update as operation

    how = _options(dry_run, no_commit, no_sync, no_resolve, squash)
    console = Console(quiet, as_json)
    interactive = not (yes or as_json or dry_run) and prompts.at_terminal()
    _evolve(
        console,
        lambda: operation(
            project_path, how, console, to=to, settings=opt.read_settings(settings),
            source=template, hold=hold or (),
            component_sources=opt.read_settings(component_sources, "--component-source"),
            interactive=interactive,
        ),
        yes=yes, trust=trust,
    )  # fmt: skip


@app.command()
def status(
    project_path: opt.ProjectPath = Path(), as_json: opt.Json = False, quiet: opt.Quiet = False
) -> None:
    """Show where the project stands: template, stack, what is waiting upstream."""
    from aegis_cli.cli import show
    from aegis_cli.operations.survey import status as operation

    console = Console(quiet, as_json)
    found = operation(project_path, console)
    console.data(found) if as_json else show.status(console, found)


@app.command()
def log(
    project_path: opt.ProjectPath = Path(),
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many commits.")] = 20,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Show the template commits that the project has, newest first."""
    from aegis_cli.cli import show
    from aegis_cli.operations.survey import log as operation

    console = Console(quiet, as_json)
    found = operation(project_path, limit)
    console.data(found) if as_json else show.log(console, found)


@app.command()
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
    quiet: opt.Quiet = False,
) -> None:
    """Show what you changed against the template, or what an update would bring."""
    from aegis_cli.cli import prompts
    from aegis_cli.operations.difference import difference

    console = Console(quiet)
    text = prompts.with_trust(
        lambda: difference(
            project_path, console, upstream=upstream, to=to, colour=sys.stdout.isatty()
        ),
        ask=prompts.at_terminal(), trusted=trust,
    )  # fmt: skip
    console.stop()
    sys.stdout.flush()
    sys.stdout.buffer.write(text)


@app.command()
def pick(
    commits: Annotated[
        list[str],
        typer.Argument(help="Ids of template commits, from `aegis status`.", metavar="COMMIT..."),
    ],
    project_path: opt.ProjectPath = Path(),
    trust: opt.Trust = False,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Take single upstream commits ahead of an update, as git cherry-picks."""
    from aegis_cli.cli import prompts, show
    from aegis_cli.operations.pick import pick as operation

    console = Console(quiet, as_json)
    picked = prompts.with_trust(
        lambda: operation(project_path, commits, console), ask=prompts.at_terminal(), trusted=trust
    )
    console.data(picked) if as_json else show.picked(console, picked)
    if picked.status == "conflicts":
        raise typer.Exit(3)


@app.command()
def resolve(
    project_path: opt.ProjectPath = Path(), as_json: opt.Json = False, quiet: opt.Quiet = False
) -> None:
    """Settle conflicts that have one right answer, in a merge of your own."""
    from aegis_cli.cli import show
    from aegis_cli.operations.resolve import resolve as operation

    console = Console(quiet, as_json)
    resolved = operation(project_path)
    console.data(resolved) if as_json else show.resolved(console, resolved)
    if resolved.conflicts:
        raise typer.Exit(3)


@app.command()
def components(
    template: Annotated[
        str | None, typer.Option("--template", metavar="URL|PATH", help="Of this template.")
    ] = None,
    project_path: opt.ProjectPath = Path(),
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """List the components that there are."""
    _offers("component", template, project_path, Console(quiet, as_json))


@app.command()
def services(
    template: Annotated[
        str | None, typer.Option("--template", metavar="URL|PATH", help="Of this template.")
    ] = None,
    project_path: opt.ProjectPath = Path(),
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """List the services that there are."""
    _offers("service", template, project_path, Console(quiet, as_json))


class Kind(StrEnum):
    """What a new component is."""

    component = "component"
    service = "service"


@app.command("new-component")
def new_component(
    name: Annotated[str, typer.Argument(help="The component's name, and its folder's.")],
    kind: Annotated[
        Kind, typer.Option("--kind", help="A component, or a service: business functionality.")
    ] = Kind.component,
    output_dir: Annotated[
        Path, typer.Option("--output-dir", "-o", help="Where to make the folder.")
    ] = Path(),
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Start a component of your own."""
    from aegis_cli.cli import show
    from aegis_cli.operations.scaffold import new_component as operation

    console = Console(quiet, as_json)
    made = operation(name, kind.value, output_dir, console)
    console.data(made) if as_json else show.scaffolded(console, made, output_dir)


@app.command("check-component")
def check_component(
    path: Annotated[
        Path,
        typer.Argument(
            help="The component's repository; default: the one around.", metavar="[PATH]"
        ),
    ] = Path(),
    stack: Annotated[
        str,
        typer.Option(
            "--stack", metavar="a,b", help="Components that the project has, too, for the tests."
        ),
    ] = "",
    no_tests: Annotated[
        bool, typer.Option("--no-tests", help="Only what takes seconds: no `make check`.")
    ] = False,
    template: Annotated[
        str,
        typer.Option("--template", metavar="URL|PATH", help="The template that it is made for."),
    ] = "embedded",
    trust: opt.Trust = False,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Check a component of your own.

    Slots, files, rendering, every combination with the template's components, and the checks of a project with it.
    Its files count as they stand, committed or not; its code runs.
    """
    from aegis_cli.cli import prompts, show
    from aegis_cli.operations.check import check_component as operation

    console = Console(quiet, as_json)
    checked = prompts.with_trust(
        lambda: operation(path, console, source=template, stack=[stack], tests=not no_tests),
        ask=not as_json and prompts.at_terminal(), trusted=trust,
    )  # fmt: skip
    console.data(checked) if as_json else show.checked(console, checked)
    if not checked.ok:
        raise typer.Exit(1)


@app.command()
def version() -> None:
    """Show the version of aegis."""
    from importlib.metadata import version as installed

    print(f"aegis {installed('aegis-stack')}")  # noqa: T201


def _offers(kind: str, template: str | None, folder: Path, console: Console) -> None:
    from aegis_cli.cli import show
    from aegis_cli.operations.survey import offers

    found = offers(template, folder, kind, console)
    console.data(found) if console.as_json else show.offers(console, found, kind)


def _options(
    dry_run: bool, no_commit: bool, no_sync: bool, no_resolve: bool, squash: bool = False
) -> Options:
    from aegis_cli.operations.evolve import Options

    return Options(
        dry_run=dry_run,
        commit=not no_commit,
        sync=not no_sync,
        settle=not no_resolve,
        squash=squash,
    )


def _evolve(console: Console, operation: Callable[[], Outcome], *, yes: bool, trust: bool) -> None:
    from aegis_cli.cli import prompts, show

    ask = not yes and not console.as_json and prompts.at_terminal()
    outcome = prompts.with_trust(operation, ask=ask, trusted=trust)
    console.data(outcome) if console.as_json else show.outcome(console, outcome)
    code = {"conflicts": 3, "refused": 1}.get(outcome.status, 0)
    if code:
        raise typer.Exit(code)

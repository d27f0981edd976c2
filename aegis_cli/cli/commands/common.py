"""What several commands do alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import typer

from aegis_cli.cli.console import Console
from aegis_cli.errors import ExitStatus

if TYPE_CHECKING:
    from aegis_cli.cli.asking import Asking
    from aegis_cli.operations.evolve import Options
    from aegis_cli.operations.outcome import Outcome

T = TypeVar("T")


def options(
    dry_run: bool,
    no_commit: bool,
    no_sync: bool,
    no_resolve: bool,
    message: str,
    squash: bool = False,
) -> Options:
    """Return how to merge, as the options say."""
    from aegis_cli.operations.evolve import Options

    return Options(
        dry_run=dry_run,
        commit=not no_commit,
        sync=not no_sync,
        settle=not no_resolve,
        squash=squash,
        message=message,
    )


def may_ask(console: Console, yes: bool) -> bool:
    """Return whether somebody is there who can be asked."""
    from aegis_cli.cli import prompts

    return not yes and not console.as_json and prompts.at_terminal()


def asking(console: Console) -> Asking:
    """Return what asks the questions that a template has."""
    from aegis_cli.cli.asking import Asking

    return Asking(console)


def with_trust(console: Console, operation: Callable[[], T], *, yes: bool, trust: bool) -> T:
    """Run an operation; where it needs trust, ask for it if somebody is there."""
    from aegis_cli.cli import prompts

    return prompts.with_trust(operation, ask=may_ask(console, yes), trusted=trust)


def evolve(console: Console, operation: Callable[[], Outcome], *, yes: bool, trust: bool) -> None:
    """Run an operation that changes a project, ask for trust where it is needed, and show what came of it."""
    from aegis_cli.cli import results

    outcome = with_trust(console, operation, yes=yes, trust=trust)
    console.data(outcome) if console.as_json else results.outcome(console, outcome)
    if outcome.status == "conflicts":
        raise typer.Exit(ExitStatus.CONFLICTS)
    if outcome.status == "refused" or outcome.pushed is False:
        raise typer.Exit(ExitStatus.FIXABLE)

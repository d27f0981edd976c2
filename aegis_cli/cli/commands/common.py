"""What several commands do alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import typer

from aegis_cli.cli.console import Console
from aegis_cli.errors import ExitStatus

if TYPE_CHECKING:
    from aegis_cli.cli.asking import Asking
    from aegis_cli.operations.outcome import Outcome

T = TypeVar("T")


def may_ask(console: Console) -> bool:
    """Return whether somebody is there who can be asked."""
    from aegis_cli.cli import prompts

    return console.asks and prompts.at_terminal()


def asking(console: Console) -> Asking:
    """Return what asks the questions that a template has."""
    from aegis_cli.cli.asking import Asking

    return Asking(console)


def with_trust(console: Console, trust: bool, operation: Callable[[], T]) -> T:
    """Run an operation; where it needs trust, ask for it if somebody is there."""
    from aegis_cli.cli import prompts

    return prompts.with_trust(operation, ask=may_ask(console), trusted=trust)


def evolve(console: Console, trust: bool, operation: Callable[[], Outcome]) -> None:
    """Run an operation that changes a project, ask for trust where it is needed, and show what came of it."""
    from aegis_cli.cli import results

    outcome = with_trust(console, trust, operation)
    console.result(outcome, results.outcome)
    if outcome.status == "conflicts":
        raise typer.Exit(ExitStatus.CONFLICTS)
    if outcome.status == "refused" or outcome.pushed is False:
        raise typer.Exit(ExitStatus.FIXABLE)

"""What several commands do alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import typer

from aegis_cli.cli.console import Console
from aegis_cli.errors import AegisError, ExitStatus, TemplateNotNamed

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
    _end(outcome)


def require_none(several: TemplateNotNamed, options: Sequence[str]) -> None:
    """Raise it if options were given that are for one of the templates alone, with how to name that one."""
    if options:
        several.advise(f"Name it: aegis update --of {several.names[0]} {options[0]} ...")
        raise several


def evolve_each(
    console: Console, trust: bool, names: Sequence[str], operation: Callable[[str], Outcome]
) -> None:
    """Run an operation for one template after the other. One that waits for the user is the last."""
    from aegis_cli.cli import results

    done: dict[str, Outcome] = {}
    try:
        for name in names:
            if not console.as_json:
                console.say(*([""] if done else []), f"{name}:")
            done[name] = with_trust(console, trust, partial(operation, name))
            if not console.as_json:
                results.outcome(console, done[name])
            if _waits(done[name]):
                break
    except AegisError as error:
        error.is_in_midst |= bool(done)
        _tell_left(console, names[len(done) + 1 :])
        raise
    finally:
        if console.as_json and done:
            console.data({"templates": done})
    _tell_left(console, names[len(done) :])
    _end(done[list(done)[-1]])


def _tell_left(console: Console, left: Sequence[str]) -> None:
    if left:
        # Beside a document, not in it.
        say = console.warn if console.as_json else console.problem
        say(f"Not begun: {', '.join(left)}. When that is ended: aegis update --of {left[0]}")


def _waits(outcome: Outcome) -> bool:
    return outcome.status in ("conflicts", "refused")


def _end(outcome: Outcome) -> None:
    if outcome.status == "conflicts":
        raise typer.Exit(ExitStatus.CONFLICTS)
    if outcome.status == "refused" or outcome.pushed is False:
        raise typer.Exit(ExitStatus.FIXABLE)

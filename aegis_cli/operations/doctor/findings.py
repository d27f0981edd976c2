"""What a check has found, and what is safe to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from aegis_cli.errors import AegisError
from aegis_cli.project.track import in_commands
from aegis_cli.text import one_line

OK, WARNING, PROBLEM = "ok", "warning", "problem"


@dataclass(frozen=True)
class Finding:
    """What a check has found.

    Attributes:
        area: `environment`, `project` or `template`.
        name: What was looked at.
        level: `ok`; `warning` (it works, and is worth knowing); `problem` (it is damaged, or in the way of a change).
        text: What was found.
        next: The next command or step; empty where there is none.
        repair: What `--fix` would do about it; empty where that is nothing.
    """

    area: str
    name: str
    level: str
    text: str
    next: str = ""
    repair: str = ""


@dataclass(frozen=True)
class Check:
    """A finding, and what carries its repair out.

    The repair touches nothing of the user's, and looks again whether it is still needed.
    """

    finding: Finding
    repair: Callable[[], None] | None = None


def of_template(name: str, checks: Iterable[Check]) -> list[Check]:
    """Return findings as those of one of a project's further templates."""
    return [
        replace(
            check,
            finding=replace(
                check.finding,
                name=f"{check.finding.name} {name}",
                next=in_commands(check.finding.next, name),
            ),
        )
        for check in checks
    ]


def passed(area: str, name: str, text: str) -> Check:
    """Return that all is well."""
    return Check(Finding(area, name, OK, text))


def warning(area: str, name: str, text: str, then: str = "") -> Check:
    """Return what works, and is worth knowing."""
    return Check(Finding(area, name, WARNING, text, then))


def problem(area: str, name: str, text: str, then: str = "") -> Check:
    """Return what is damaged, or in the way."""
    return Check(Finding(area, name, PROBLEM, text, then))


def said(area: str, name: str, error: AegisError) -> Check:
    """Return what an error says as a problem."""
    return problem(area, name, error.message, error.hint or "")


def guarded(area: str, name: str, check: Callable[[], Iterable[Check]]) -> list[Check]:
    """Run a check to its end; one that cannot be run is a problem, and the others go on."""
    found: list[Check] = []
    try:
        found += check()
    except AegisError as error:
        found.append(said(area, name, error))
    except OSError as error:
        place = f" ({one_line(str(error.filename))})" if error.filename else ""
        found.append(problem(area, name, f"The system refused: {error.strerror or error}{place}."))
    return found

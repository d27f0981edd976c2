"""`--all` and `--list`: one command in many projects, and its table."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import typer

from aegis_cli.cli.console import Console, colour
from aegis_cli.cli.layout import indented, labelled
from aegis_cli.cli.options import Many
from aegis_cli.cli.results import GREEN, RED, YELLOW
from aegis_cli.errors import ExitStatus, UsageError
from aegis_cli.interruption import saying
from aegis_cli.operations.fleet import Row, Task, found
from aegis_cli.operations.workers import everywhere
from aegis_cli.text import many, one_line, quoted

_TONES = {"current": GREEN, "updated": GREEN, "behind": YELLOW, "planned": YELLOW, "staged": YELLOW}


def run(
    console: Console,
    which: Many,
    task: Task,
    unfit: Iterable[str],
) -> None:
    """Do a task in all projects that are named, and show what came of it.

    Args:
        console: Where to.
        which: The projects, and how many at a time; 0: one per processor.
        task: What to do.
        unfit: Options that were given and are for one project alone.
    """
    for option in unfit:
        raise UsageError(
            f"{option} is for one project, and does not go with --all or --list.",
            "Leave it out, or run the command in that project alone: --project-path P",
        )
    folders, lists = which.folders or [], which.lists or []
    projects = found(folders, lists)
    console.step(f"Looking at {many(len(projects), 'project')}")
    rows: list[Row] = []
    named = [f"--all {quoted(folder)}" for folder in folders]
    named += [f"--list {quoted(file)}" for file in lists]
    look = " ".join(["aegis status", *named])
    words = "The projects that were being worked on came to their end, and no other was begun."
    with saying(lambda: (words, look)):
        for row in everywhere(projects, task, which.jobs or os.cpu_count() or 1):
            rows.append(row)
            console.step(f"{len({row.project for row in rows})} of {len(projects)}: {row.project}")
    at = {str(project): number for number, project in enumerate(projects)}
    ordered = sorted(rows, key=lambda row: (at[row.project], row.template))
    if console.as_json:
        console.data({"projects": ordered})
    else:
        _show(console, ordered)
        if not task.options and any(row.state == "behind" for row in ordered):
            console.say(f"Next:      aegis update {' '.join(named)} --branch NAME --push")
    if any(row.failed for row in ordered):
        raise typer.Exit(ExitStatus.FIXABLE)
    if any(row.state in ("conflicts", "under way") and row.conflicts for row in ordered):
        raise typer.Exit(ExitStatus.CONFLICTS)


def _show(console: Console, rows: Sequence[Row]) -> None:
    common = os.path.commonpath([Path(row.project).parent for row in rows])
    cells = [_cells(row, common) for row in rows]
    head = ("Project", "Version", "Newest", "Behind", "Security", "Conflicts", "State")
    wide = [max(len(line[at]) for line in (head, *cells)) for at in range(len(head))]
    for line, row in zip((head, *cells), (None, *rows), strict=True):
        *texts, state = (f"{cell:{width}}" for cell, width in zip(line, wide, strict=True))
        tone = _TONES.get(row.state, RED) if row else ""
        state = colour(state.strip(), tone) if row else state.strip()
        is_problem = row is not None and (row.failed or row.state == "conflicts")
        (console.problem if is_problem else console.say)("  ".join([*texts, state]))
    console.say(_summary(rows))
    for note in dict.fromkeys(note for row in rows for note in row.notes):
        console.warn(note)
    _problems(console, rows, common)


def _cells(row: Row, common: str) -> tuple[str, ...]:
    security = "?" if row.security is None else str(row.security or "")
    name, behind, conflicts = _name(row, common), row.behind, len(row.conflicts)
    counts = (str(behind or ""), security, str(conflicts or ""))
    return (name, row.version, row.newest, *counts, row.state)


def _name(row: Row, common: str) -> str:
    which = f" ({row.template})" if row.template else ""
    return one_line(os.path.relpath(row.project, common)) + which


def _summary(rows: Sequence[Row]) -> str:
    states = dict.fromkeys(row.state for row in rows)
    counts = [
        f"{sum(row.state == state for row in rows)} {'in conflict' if state == 'conflicts' else state}"
        for state in states
    ]
    fixes = sum(bool(row.security) for row in rows)
    more = f"; security fixes in {fixes}" if fixes else ""
    projects = len({row.project for row in rows})
    return f"{many(projects, 'project')}: {', '.join(counts)}{more}"


def _problems(console: Console, rows: Sequence[Row], common: str) -> None:
    """Show each problem once, with the projects that have it, and the first one's next command."""
    alike: dict[str, list[Row]] = {}
    for row in rows:
        if row.problem:
            alike.setdefault(row.problem, []).append(row)
        elif row.worktree:
            console.problem(labelled("Waits", f"{_name(row, common)}: cd {quoted(row.worktree)}"))
    for problem, having in alike.items():
        names = [_name(row, common) for row in having[:5]]
        more = f" and {len(having) - 5} more" if len(having) > 5 else ""
        console.problem(f"{', '.join(names)}{more}:")
        hint = f"Next: {having[0].hint}".splitlines()
        console.problem(*indented([*problem.splitlines(), *hint]))

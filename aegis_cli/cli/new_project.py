"""The words for a new project: what it would be, and what it has become."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from aegis_cli.cli.console import Console, colour
from aegis_cli.cli.layout import by_folder, columns, commands, labelled
from aegis_cli.cli.results import (
    GREEN,
    YELLOW,
    missing,
    show_counted,
    show_in_use,
    show_names,
    with_reasons,
)
from aegis_cli.errors import ExitStatus
from aegis_cli.text import many, quoted

if TYPE_CHECKING:
    from aegis_cli.operations.making import Created

_URL = "http://localhost:8000"


def summary(planned: Created) -> list[str]:
    """Return the lines that say what a project would be, before anything is written."""
    state = planned.state
    place = (
        f"a folder of the repository {planned.repository}"
        if planned.repository
        else str(planned.root)
    )
    facts = [
        ("Project", f"{planned.root.name}, in {place}"),
        (
            "Template",
            f"{state.release} ({', '.join(filter(None, (state.source, state.directory)))})",
        ),
        ("Stack", ", ".join(with_reasons(state.components, planned.reasons)) or "the base only"),
        *[
            (name, str(value))
            for name, value in state.answers.items()
            if isinstance(value, (str, bool))
        ],
        ("Files", f"{planned.files}: {by_folder(planned.paths, planned.prefix)}"),
    ]
    if "processes" in planned.brings:
        facts.append(("Processes", ", ".join(["web", *planned.brings["processes"]])))
    facts += [("Needs", text) for text in planned.brings.get("servers", ())]
    wide = max(len(label) for label, _ in facts) + 1
    return [hanging(label, text, wide) for label, text in facts]


def hanging(label: str, text: str, wide: int) -> str:
    """Return a labelled text that fits the terminal; its further lines stand below the first."""
    start = f"{label:{wide}} "
    lines = textwrap.wrap(text, max(20, columns() - len(start) - 1), break_long_words=False) or [""]
    return "\n".join([start + lines[0], *(" " * len(start) + more for more in lines[1:])])


def created(console: Console, made: Created, output_dir: Path, label: str = "") -> None:
    """Show a new project, or one that is connected to one more template, and what to do next."""
    word = colour("Would create", YELLOW) if made.planned else colour("Created", GREEN)
    if label:
        word = colour("Would connect", YELLOW) if made.planned else colour("Connected", GREEN)
    which = f" to template {label}" if label else ""
    console.say(
        f"{word} {made.root.name}{which}: {many(made.files, 'file')} from template {made.state.release}"
    )
    if made.state.components:
        console.say(labelled("Stack", ", ".join(with_reasons(made.state.components, made.reasons))))
    if console.verbose:
        show_names(console, "Added", made.paths)
    else:
        show_counted(console, "Files", made.paths, made.prefix)
    if made.repository and not label:
        console.say(labelled("Part of", f"the repository {made.repository}"))
    if made.others:
        console.say(labelled("Yours", f"{many(made.others, 'file')} beside it, not committed"))
    show_in_use(console, made.brings, str(made.state.answers.get("project_slug", "")))
    if made.planned:
        console.say("Nothing was changed.")
        return
    if made.refused:
        console.problem(labelled("Waiting", "git would not commit the merge:"))
        console.problem(*made.refused.splitlines())
        console.problem("Next:      put that right, then git commit (or git merge --abort)")
        raise typer.Exit(ExitStatus.FIXABLE)
    if label:
        console.say(*commands("Next:", ["aegis status"]), *commands("Undo:", [made.undo]))
        return
    _start(console, made, output_dir)


def _start(console: Console, made: Created, output_dir: Path) -> None:
    """Show what to do in a new project, and how to be rid of it."""
    if made.ran and made.ran.ok:
        console.say(labelled("Locked", "the dependencies: uv.lock, in a commit of its own"))
    elif made.ran:
        console.warn(f"uv.lock was not made: {made.ran.output}\n  Next: {made.ran.hint}")
    missing(console, made.missing)
    place = str(made.root.name if output_dir == Path() else made.root)
    steps = [] if made.root == Path.cwd() else [f"cd {quoted(place)}"]
    steps += made.steps
    if steps:
        console.say(*commands("Next:", steps))
    if "make serve" in steps:
        console.say(labelled("Then", f"{_URL}/dashboard, {_URL}/docs"))
    if made.undo:
        console.say(*commands("Undo:", [made.undo]))

"""`aegis remove` and `aegis remove-service`: take components out of a project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from aegis_cli.errors import UnknownName, UsageError
from aegis_cli.operations.evolve import evolve
from aegis_cli.operations.opening import Project, open_project
from aegis_cli.operations.opening_template import own_template, template_of
from aegis_cli.operations.outcome import Options, Outcome
from aegis_cli.operations.target import requested_names, revision_of, with_stack
from aegis_cli.project.track import FIRST
from aegis_cli.reporter import Reporter
from aegis_cli.template.catalog import read_catalog


def remove(
    folder: Path,
    words: Sequence[str],
    kind: str | None,
    options: Options,
    reporter: Reporter,
    *,
    of: str = FIRST,
) -> Outcome:
    """Remove components, and what only came along with them. Files that the user changed stay.

    Args:
        folder: The project.
        words: Names as typed.
        kind: `service` for `remove-service`; None for any.
        options: How.
        reporter: Told about progress.
        of: Which of its templates is meant.

    Raises:
        AegisError: A name that is not in the project, or that others require. Nothing was changed.
    """
    options = replace(options, removing=True)
    with (
        open_project(folder, write=not options.dry_run, of=of, checked=options.dry_run) as project,
        template_of(own_template(project.state, fetch=False), reporter) as template,
    ):
        catalog, commits = read_catalog(template, revision_of(template, project.state))
        names = catalog.parse(words, kind, "aegis remove")
        if not names:
            raise UsageError("Name what to remove.", "See what the project has: aegis status")
        _require_present(project, names)
        requested = requested_names(project.state)
        stack = catalog.without(requested, names)
        requested = [name for name in requested if name not in names]
        target = with_stack(project.state, catalog, commits, requested, stack)
        subject = f"Remove {', '.join(names)}"
        return evolve(project, template, target, subject, options, reporter)


def _require_present(project: Project, names: Sequence[str]) -> None:
    missing = [name for name in names if name not in project.state.components]
    if missing:
        have = ", ".join(project.state.components) or "nothing beyond the base"
        raise UnknownName(f"This project does not have {', '.join(missing)}.", f"It has: {have}.")

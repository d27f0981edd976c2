"""`aegis add` and `aegis add-service`: bring components into a project, at its own template version."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aegis_cli.errors import UsageError
from aegis_cli.operations.evolve import evolve
from aegis_cli.operations.opening import open_project
from aegis_cli.operations.opening_template import own_template, template_of
from aegis_cli.operations.outcome import Options, Outcome
from aegis_cli.operations.target import requested_names, revision_of, with_stack
from aegis_cli.operations.third_parties import explained
from aegis_cli.project.track import FIRST
from aegis_cli.reporter import Reporter
from aegis_cli.template.catalog import read_catalog
from aegis_cli.template.third_party import asked_for, require_free, split


def add(
    folder: Path,
    words: Sequence[str],
    kind: str | None,
    options: Options,
    reporter: Reporter,
    *,
    of: str = FIRST,
) -> Outcome:
    """Add components, and whatever they require.

    Args:
        folder: The project.
        words: Names as typed, and `URL#branch` for those of third parties.
        kind: `service` for `add-service`; None for any.
        options: How.
        reporter: Told about progress.
        of: Which of its templates is meant.

    Raises:
        AegisError: An unknown name, or a repository that cannot take a merge. Nothing was changed.
    """
    own, others = split(words)
    with (
        open_project(folder, write=not options.dry_run, of=of, checked=options.dry_run) as project,
        template_of(own_template(project.state, others=others, fetch=False), reporter) as template,
    ):
        require_free(template)
        catalog, commits = read_catalog(template, revision_of(template, project.state))
        names = catalog.parse([*own, *asked_for(template)], kind)
        if not names:
            raise UsageError("Name what to add.", "See what there is: aegis components")
        requested = [*requested_names(project.state), *names]
        stack = catalog.close({*project.state.components, *names})
        target = with_stack(project.state, catalog, commits, requested, stack)
        subject = f"Add {', '.join(names)}"
        with explained(template, project.state, target.state):
            return evolve(project, template, target, subject, options, reporter)

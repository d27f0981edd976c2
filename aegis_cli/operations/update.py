"""`aegis update`: bring a project to a newer template, every upstream commit as one of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from aegis_cli.model import ProjectState
from aegis_cli.operations.evolve import Options, evolve
from aegis_cli.operations.opening import open_project, template_of
from aegis_cli.operations.outcome import Outcome
from aegis_cli.operations.target import answers_at, at_revision, requested_names
from aegis_cli.operations.third_parties import (
    explained,
    moved_third_parties,
    require_newest,
    wanted,
)
from aegis_cli.reporter import Reporter
from aegis_cli.template import history
from aegis_cli.template.source import TemplateRepository, normalized
from aegis_cli.template.trust import require_trust


def update(
    folder: Path,
    options: Options,
    reporter: Reporter,
    *,
    to: str | None = None,
    settings: Mapping[str, str] | None = None,
    source: str | None = None,
    hold: Sequence[str] = (),
    component_sources: Mapping[str, str] | None = None,
    interactive: bool = False,
) -> Outcome:
    """Update a project.

    Args:
        folder: The project.
        options: How.
        reporter: Told about progress.
        to: A release, branch or commit of the template; None: the newest release, or the tip of a template without any.
        settings: Answers to set, as typed: {question: text}.
        source: Where the template is now, if it has moved.
        hold: Third parties' components that stay as they are.
        component_sources: Where third parties' components are now, if they have moved: {name: URL#branch}.
        interactive: Ask new questions at the terminal.

    Raises:
        AegisError: It cannot be done. Nothing was changed.
    """
    with open_project(folder, write=not options.dry_run) as project:
        place = normalized(source) if source else project.state.source
        references = wanted(project.state, hold, component_sources or {})
        with template_of(place, reporter, references) as template:
            require_newest(template, project.state, hold)
            revision = _goal(template, project.state, to)
            require_trust(template.source)
            answers = answers_at(
                template, revision.commit, project.state, settings or {},
                interactive=interactive,
            )  # fmt: skip
            target = at_revision(template, revision, requested_names(project.state), answers)
            subject = f"Update the template to {revision.name}"
            if revision.commit == project.state.commit:
                moved = moved_third_parties(project.state, target.state)
                if settings:
                    subject = f"Change answers: {', '.join(settings)}"
                elif moved:
                    subject = f"Update {', '.join(moved)}"
            with explained(template, project.state, target.state):
                return evolve(project, template, target, subject, options, reporter)


def _goal(template: TemplateRepository, state: ProjectState, to: str | None) -> history.Revision:
    """Return where an update goes. One that names no goal never goes back."""
    goal = history.resolve(template, to)
    known = goal.commit != state.commit and template.objects.exists(state.commit)
    if to is None and known and template.is_ancestor(goal.commit, state.commit):
        return replace(goal, name=state.release, commit=state.commit, release=False)
    return goal

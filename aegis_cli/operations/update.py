"""`aegis update`: bring a project to a newer template, every upstream commit as one of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from aegis_cli.git.exchange import push_branch, remote_of
from aegis_cli.git.repository import Repository
from aegis_cli.interruption import saying
from aegis_cli.model import ProjectState
from aegis_cli.operations.answers import answers_at, require_folder
from aegis_cli.operations.opening import Project, check_beside, open_beside, open_project
from aegis_cli.operations.opening_template import Opener, Wanted, template_of
from aegis_cli.operations.outcome import Options, Outcome, Ran, nothing
from aegis_cli.operations.target import (
    at_revision,
    goal_of,
    requested_names,
    tell_newer,
    tell_uncommitted,
)
from aegis_cli.operations.third_parties import (
    explained,
    moved_third_parties,
    require_newest,
    wanted,
)
from aegis_cli.reporter import Reporter
from aegis_cli.template.addresses import directory_of, normalized
from aegis_cli.template.questions import Asker
from aegis_cli.template.source import located
from aegis_cli.text import named, quoted


def update(
    folder: Path,
    options: Options,
    reporter: Reporter,
    *,
    of: str | None = None,
    to: str | None = None,
    settings: Mapping[str, str] | None = None,
    source: str | None = None,
    directory: str | None = None,
    hold: Sequence[str] = (),
    component_sources: Mapping[str, str] | None = None,
    asker: Asker | None = None,
    templates: Opener = template_of,
) -> Outcome:
    """Update a project.

    Args:
        folder: The project.
        options: How.
        reporter: Told about progress.
        of: Which of its templates is meant; None: the only one that it has.
        to: A release, branch or commit of the template; None: the newest release, or the tip of a template without any.
        settings: Answers to set, as typed: {question: text}.
        source: Where the template is now, if it has moved.
        directory: The folder of its repository that it is in now, if it has moved there; `.` for the top.
        hold: Third parties' components that stay as they are.
        component_sources: Where third parties' components are now, if they have moved: {name: URL#branch}.
        asker: Asks new questions; None: the template's defaults are taken.
        templates: Opens the template.

    Raises:
        AegisError: It cannot be done. Nothing was changed.
    """
    with _opened(folder, of, options) as project:
        place, inside = _place(project.state, source, directory)
        former = None if inside == project.state.directory else project.state.directory
        references = wanted(project.state, hold, component_sources or {})
        with templates(Wanted(place, inside, references, former), reporter) as template:
            require_newest(template, project.state, hold)
            revision = goal_of(template, project.state, to)
            if former is not None:
                require_folder(template, revision.commit)
            if to is None:
                tell_newer(template, revision, "--to", reporter)
            answers = answers_at(
                template, revision.commit, project.state, settings or {},
                asker=asker,
            )  # fmt: skip
            names = requested_names(project.state)
            target = at_revision(template, revision, names, answers.values)
            target = replace(target, questions=answers.changes)
            which = f"template {project.track.name}" if project.track.name else "template"
            subject = f"Update the {which} to {revision.name}"
            if revision.commit == project.state.commit:
                moved = moved_third_parties(project.state, target.state)
                if settings:
                    subject = f"Change answers: {', '.join(settings)}"
                elif moved:
                    subject = f"Update {', '.join(moved)}"
            tell_uncommitted(template, to, "--to", reporter)
            remote = remote_of(project.repository) if options.branch else None
            outcome = nothing(project, target, subject)
            if target.state != project.state:
                from aegis_cli.operations.evolve import evolve

                with explained(template, project.state, target.state):
                    outcome = evolve(project, template, target, subject, options, reporter)
            outcome = replace(outcome, remote=remote or "")
            return _pushed(project, outcome, reporter) if options.push else outcome


@contextmanager
def _opened(folder: Path, of: str | None, options: Options) -> Iterator[Project]:
    if options.branch and not options.dry_run:
        with open_beside(folder, options.branch, of=of, push=options.push) as project:
            yield project
        return
    checked = options.dry_run and not options.beside
    with open_project(
        folder, write=not options.dry_run, of=of, checked=checked, committed=options.beside
    ) as project:
        if options.branch:
            check_beside(project.repository, project.track, options.branch, push=options.push)
        yield project


def _pushed(project: Project, outcome: Outcome, reporter: Reporter) -> Outcome:
    """Push the branch that an update has made, if its merge stands."""
    if outcome.status != "done" or not outcome.remote or project.branch is None:
        return outcome
    repository = Repository(project.checkout) if project.checkout else project.repository
    command = f"git push --set-upstream {quoted(outcome.remote)} {quoted(outcome.branch)}"
    reporter.step(f"Pushing to {outcome.remote}")
    with saying(lambda: (f"The branch {named(outcome.branch)} stands.", command)):
        answer = push_branch(repository, outcome.remote, project.branch)
    failed = answer.code != 0
    said = answer.said if failed else ""
    ran = Ran(
        command, ok=not failed, output=said, hint=f"The branch stands. {command}" if failed else ""
    )
    return replace(outcome, ran=(*outcome.ran, ran), pushed=not failed)


def _place(state: ProjectState, source: str | None, directory: str | None) -> tuple[str, str]:
    """Return where the template is now: its repository, and the folder in it."""
    place, inside = located(normalized(source)) if source else (state.source, "")
    if directory is not None:
        return place, directory_of(f"{inside}/{directory}" if inside else directory)
    return place, inside or state.directory

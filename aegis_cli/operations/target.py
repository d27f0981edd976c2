"""The state that an operation wants to reach: which components, at which commits, with which answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from aegis_cli.errors import AegisError, TemplateProblem, listed
from aegis_cli.model import Answers, ComponentState, ProjectState
from aegis_cli.template import history, questions
from aegis_cli.template.catalog import Catalog, Stack, read_catalog
from aegis_cli.template.history import Revision
from aegis_cli.template.projection import local_code
from aegis_cli.template.source import TemplateRepository


@dataclass(frozen=True)
class Target:
    """A state to reach, and why components are in it that nobody asked for."""

    state: ProjectState
    reasons: Mapping[str, str]


def questions_at(template: TemplateRepository, commit: str) -> questions.Questions:
    """Return what a template asks at a commit of main."""
    tree = template.objects.commit(commit).tree
    entry = template.objects.entry(tree, questions.FILE)
    return questions.parse(template.objects.blob(entry[1]) if entry else None)


def revision_of(template: TemplateRepository, state: ProjectState) -> Revision:
    """Return the template's revision that a project is at.

    Raises:
        TemplateProblem: The template does not have that commit.
    """
    if not template.objects.exists(state.commit):
        raise TemplateProblem(
            f"The template commit {state.commit[:12]} that this project was made from"
            " is not in the template any more.",
            "Move to one that is: aegis update",
        )
    same = [
        r for r in history.releases(template) if (r.name, r.commit) == (state.release, state.commit)
    ]
    return same[0] if same else Revision(state.release, state.commit, release=False)


def with_stack(
    state: ProjectState,
    catalog: Catalog,
    commits: Mapping[str, str],
    requested: Collection[str],
    stack: Stack,
) -> Target:
    """Return a project's state with another stack at the same template version. What it has stays as it is."""
    components = {}
    for name in stack.names:
        known = state.components.get(name)
        components[name] = (
            replace(known, requested=name in requested)
            if known
            else component_state(catalog, commits, name, name in requested)
        )
    return Target(replace(state, components=components), stack.reasons)


def component_state(
    catalog: Catalog, commits: Mapping[str, str], name: str, requested: bool
) -> ComponentState:
    """Return what a project records of a component that comes from the catalogue."""
    component = catalog[name]
    return ComponentState(
        component.kind, component.branch, commits[name], requested, component.source
    )


def at_revision(
    template: TemplateRepository,
    revision: Revision,
    requested: Collection[str],
    answers: Answers,
) -> Target:
    """Return the state of a project at a revision, every component moved along.

    Raises:
        AegisError: The revision no longer has a component that was asked for.
    """
    catalog, commits = read_catalog(template, revision)
    gone = [name for name in requested if name not in catalog]
    if gone:
        raise AegisError(
            f"Template {revision.name} has no longer:\n{listed(sorted(gone))}",
            f"Remove it first, and keep what you need of it: aegis remove {' '.join(sorted(gone))}",
        )
    stack = catalog.close(requested)
    components = {
        name: component_state(catalog, commits, name, name in requested) for name in stack.names
    }
    state = ProjectState(template.source, revision.name, revision.commit, dict(answers), components)
    return Target(state, stack.reasons)


def requested_names(state: ProjectState) -> list[str]:
    """Return the components that the user asked for by name."""
    return [name for name, component in state.components.items() if component.requested]


def answers_at(
    template: TemplateRepository,
    commit: str,
    state: ProjectState,
    settings: Mapping[str, str],
    *,
    interactive: bool,
) -> Answers:
    """Return answers to what the template asks at a commit: the known ones, the given ones, then new ones.

    Args:
        template: The template repository.
        commit: Commit of main.
        state: The project's state, with the answers so far.
        settings: `--set` as typed.
        interactive: Ask for the others at the terminal instead of taking the defaults.
    """
    asked = questions_at(template, commit)
    known = state.answers
    if not settings and template.objects.exists(state.commit):
        before = questions_at(template, state.commit)
        if before == asked and known.keys() == set(asked.names):
            return known
    from aegis_cli.template import render

    given = {
        name: asked.carry(name, known[name])
        for name in asked.names
        if name in known and name not in settings
    }
    given.update({name: asked.read_answer(name, text) for name, text in settings.items()})
    with local_code(template, commit, asked) as search:
        if interactive:
            given = render.ask(asked, given, template.source, search)
        return render.complete(asked, given, template.source, search)

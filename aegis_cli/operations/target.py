"""The state that an operation wants to reach: which components, at which commits, with which answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from aegis_cli.errors import AegisError, TemplateProblem, listed
from aegis_cli.git import graph
from aegis_cli.git.objects import SUBMODULE
from aegis_cli.model import Answers, ComponentState, ProjectState
from aegis_cli.operations.answers import QuestionChange
from aegis_cli.reporter import Reporter
from aegis_cli.template import history
from aegis_cli.template.catalog import BRINGS, Catalog, Stack, read_catalog
from aegis_cli.template.history import Revision
from aegis_cli.template.source import TemplateRepository, has_uncommitted_work
from aegis_cli.template.trusted import is_trusted
from aegis_cli.text import many, named


@dataclass(frozen=True)
class Target:
    """A state to reach.

    Attributes:
        state: The state.
        reasons: Why components are in it that nobody asked for.
        catalog: What the template has there.
        questions: What the template asks otherwise than where the project is.
    """

    state: ProjectState
    reasons: Mapping[str, str]
    catalog: Catalog
    questions: tuple[QuestionChange, ...] = ()

    def brings(self, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return what is new in use with some of its components, by kind."""
        found: dict[str, tuple[str, ...]] = {}
        for name in names:
            for kind, words in self.catalog[name].brings.items():
                found[kind] = (
                    *found.get(kind, ()),
                    *(w for w in words if w not in found.get(kind, ())),
                )
        return {kind: found[kind] for kind in BRINGS if kind in found}


def revision_of(template: TemplateRepository, state: ProjectState) -> Revision:
    """Return the template's revision that a project is at.

    Raises:
        TemplateProblem: The template does not have that commit.
    """
    if not template.objects.exists(state.commit):
        if state.release.endswith(f"+{history.WORKTREE}"):
            raise TemplateProblem(
                "This project was made from uncommitted work of its template, and nobody has that any more.",
                "Move to what is committed: aegis update."
                f" To the work as it is now: aegis update --to {history.WORKTREE}",
            )
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
    return Target(replace(state, components=components), stack.reasons, catalog)


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
    state = ProjectState(
        template.source, revision.name, revision.commit, dict(answers), components, template.directory
    )  # fmt: skip
    return Target(state, stack.reasons, catalog)


def requested_names(state: ProjectState) -> list[str]:
    """Return the components that the user asked for by name."""
    return [name for name, component in state.components.items() if component.requested]


def goal_of(template: TemplateRepository, state: ProjectState, to: str | None) -> Revision:
    """Return where an update goes. One that names no goal never goes back."""
    goal = history.resolve(template, to)
    known = goal.commit != state.commit and template.objects.exists(state.commit)
    if to is None and known and graph.is_ancestor(template.git, goal.commit, state.commit):
        return replace(goal, name=state.release, commit=state.commit, release=False)
    return goal


def tell_newer(
    template: TemplateRepository, revision: Revision, option: str, reporter: Reporter
) -> None:
    """Tell where the newest release is long behind what the template's authors work on."""
    count = history.ahead(template, revision)
    if count:
        branch = template.default_branch
        reporter.warn(
            f"{revision.name} is the template's newest release, and its branch {branch} is"
            f" {many(count, 'commit')} ahead: {option} {branch}"
        )


def tell_uncommitted(
    template: TemplateRepository, revision: str | None, option: str, reporter: Reporter
) -> None:
    """Tell where a template on this machine has work that is not committed, and so is left out.

    Args:
        template: The template. One that is not trusted is not looked at.
        revision: What was asked for.
        option: How to ask for another.
        reporter: Told.
    """
    if revision == history.WORKTREE or template.embedded or not is_trusted(template.source):
        return
    if has_uncommitted_work(template):
        reporter.warn(
            f"{named(template.source)} has uncommitted work, which is left out: a template is what is committed."
            f" To take it as it stands: {option} {history.WORKTREE}"
        )


def tell_left_out(template: TemplateRepository, revision: Revision, reporter: Reporter) -> None:
    """Tell which parts of a template a project is made without."""
    files = template.objects.files(template.tree_at(revision.commit))
    hooks = [path for path in sorted(files) if path.startswith("hooks/pre_prompt.")]
    submodules = [path for path, (mode, _) in sorted(files.items()) if mode == SUBMODULE]
    if hooks:
        reporter.warn(
            f"The template's {hooks[0]} is not run: questions are asked as its cookiecutter.json has them."
        )
    if submodules:
        reporter.warn(f"Submodules of the template are left out:\n{listed(submodules)}")

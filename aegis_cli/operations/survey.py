"""Where a project stands (`aegis status`, `log`, `components`). Nothing is changed, and no template code runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aegis_cli.errors import AegisError
from aegis_cli.git.objects import Commit
from aegis_cli.model import Component, ComponentState, ProjectState, Snapshot
from aegis_cli.operations.opening import Project, open_project, template_of
from aegis_cli.project import journal
from aegis_cli.project.state import FOLDER
from aegis_cli.reporter import Reporter
from aegis_cli.template import history
from aegis_cli.template.catalog import read_catalog
from aegis_cli.template.source import TemplateRepository, normalized
from aegis_cli.template.third_party import recorded
from aegis_cli.vendor.replay import (
    COMPONENT_SOURCE,
    TEMPLATE_BRANCH,
    TEMPLATE_COMMIT,
    Vendor,
    trailer,
)
from aegis_cli.vendor.tracking import find, picked


@dataclass(frozen=True)
class UpstreamCommit:
    """A commit of the template, or of a third party's component (then with its source)."""

    id: str
    branch: str
    subject: str
    author: str
    date: str
    source: str = ""


@dataclass(frozen=True)
class ThirdPartyStatus:
    """Where a third party's component stands.

    Attributes:
        name: The component.
        source: Where it comes from.
        branch: Branch or tag there.
        commit: What the project has.
        newest: What an update would bring; None when that is out of reach.
        problem: Why.
    """

    name: str
    source: str
    branch: str
    commit: str
    newest: str | None
    problem: str = ""


@dataclass(frozen=True)
class ProjectStatus:
    """Where a project stands.

    Attributes:
        state: Its template, stack and answers.
        newest: Name of the template's newest release or tip; None when the template is out of reach.
        waiting: Upstream commits that an update would bring.
        picked: Upstream commits that were picked singly, ahead of an update that brings them.
        changed: Files of the template that the user changed.
        deleted: Files of the template that the user deleted.
        own: How many files the user has beyond the template's.
        tracked: Whether HEAD's history holds the vendor commit; otherwise the next operation anchors the project again.
        interrupted: Whether a killed run left a merge half done, which the next operation undoes.
        unreachable: Why the template is out of reach.
        third_parties: The components that come from somebody else.
    """

    state: ProjectState
    newest: str | None
    waiting: tuple[UpstreamCommit, ...]
    picked: tuple[UpstreamCommit, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]
    own: int
    tracked: bool
    interrupted: bool
    unreachable: str = ""
    third_parties: tuple[ThirdPartyStatus, ...] = ()


def status(folder: Path, reporter: Reporter) -> ProjectStatus:
    """Return where a project stands."""
    with open_project(folder, write=False) as project:
        vendor = find(project.repository, project.head, project.prefix)
        changed, deleted, own = _difference(project, vendor)
        picks = _picked(project, vendor)
        newest: str | None = None
        waiting: tuple[UpstreamCommit, ...] = ()
        unreachable = ""
        third = {n: c for n, c in project.state.components.items() if c.source}
        third_parties = tuple(
            ThirdPartyStatus(n, c.source, c.branch, c.commit, None) for n, c in third.items()
        )
        references = recorded(third, moving=True)
        try:
            with template_of(project.state.source, reporter, references) as template:
                third_parties = tuple(_third_party(template, n, c) for n, c in third.items())
                goal = history.newest(template)
                newest, waiting = goal.name, _waiting(template, project.state, goal)
                beyond = history.beyond(template, project.state.snapshot, [c.id for c in picks])
                picks = tuple(commit for commit in picks if commit.id in beyond)
        except AegisError as error:
            unreachable = error.message
        taken = {commit.id for commit in picks}
        return ProjectStatus(
            project.state, newest, tuple(c for c in waiting if c.id not in taken), picks,
            changed, deleted, own, vendor is not None, journal.is_pending(project.repository),
            unreachable, third_parties,
        )  # fmt: skip


def _third_party(
    template: TemplateRepository, name: str, component: ComponentState
) -> ThirdPartyStatus:
    found = template.third_parties[name]
    newest = None if found.problem else found.commit
    return ThirdPartyStatus(
        name, component.source, component.branch, component.commit, newest, found.problem
    )


def _difference(
    project: Project, vendor: Vendor | None
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    if vendor is None:
        return (), (), 0
    objects = project.repository.objects
    folder = project.prefix.rstrip("/")
    sides = [objects.entry(objects.commit(c).tree, folder) for c in (vendor.commit, project.head)]
    before, after = (side[1] if side else None for side in sides)
    found = [c for c in objects.changes(before, after) if not c[0].startswith(f"{FOLDER}/")]
    changed = tuple(path for path, was, now in found if was and now)
    deleted = tuple(path for path, was, now in found if was and not now)
    return changed, deleted, sum(1 for _, was, _ in found if not was)


def _waiting(
    template: TemplateRepository, state: ProjectState, goal: history.Revision
) -> tuple[UpstreamCommit, ...]:
    _, commits = read_catalog(template, goal)
    third = template.third_parties
    stuck = {name for name, each in third.items() if each.problem}
    there = {n: commits[n] for n in state.components if n in commits and n not in stuck}
    branches = {name: state.components[name].branch for name in there}
    target = Snapshot(goal.commit, there)
    steps = history.steps(template, state.snapshot, target, branches) or []
    return tuple(
        _upstream(
            step.commit, step.branch,
            source=third[step.component].source if step.component in third else "",
        )
        for step in steps
        if len(step.commit.parents) < 2 or step.leap
    )  # fmt: skip


def _upstream(
    commit: Commit, branch: str, oid: str | None = None, source: str = ""
) -> UpstreamCommit:
    return UpstreamCommit(
        oid or commit.id, branch, commit.subject, commit.author, commit.author_date, source
    )


def _picked(project: Project, vendor: Vendor | None) -> tuple[UpstreamCommit, ...]:
    """Return the template commits that the user's own history holds singly."""
    commits = picked(project.repository, vendor.commit, project.head) if vendor else ()
    return tuple(
        _upstream(commit, _first(commit, TEMPLATE_BRANCH), oid, _first(commit, COMPONENT_SOURCE))
        for commit in commits
        for oid in trailer(commit, TEMPLATE_COMMIT)
    )


def _first(commit: Commit, key: str) -> str:
    return next(iter(trailer(commit, key)), "")


@dataclass(frozen=True)
class Taken:
    """A commit of the template, or of a third party's component, that the project has."""

    vendor: str
    upstream: tuple[str, ...]
    branch: str
    subject: str
    author: str
    date: str
    source: str = ""


def log(folder: Path, limit: int) -> tuple[Taken, ...]:
    """Return the vendor commits in a project's history, newest first."""
    with open_project(folder, write=False) as project:
        vendor = find(project.repository, project.head, project.prefix)
        if vendor is None:
            return ()
        commits = project.repository.log(f"--max-count={limit}", vendor.commit)
        return tuple(
            Taken(
                commit.id, tuple(trailer(commit, TEMPLATE_COMMIT)),
                _first(commit, TEMPLATE_BRANCH), commit.subject, commit.author, commit.author_date,
                _first(commit, COMPONENT_SOURCE),
            )
            for commit in commits
        )  # fmt: skip


@dataclass(frozen=True)
class Offered:
    """A component that a template has.

    Attributes:
        component: Its manifest.
        present: Whether the project has it; None outside of a project.
    """

    component: Component
    present: bool | None


def offers(source: str | None, folder: Path, kind: str, reporter: Reporter) -> tuple[Offered, ...]:
    """Return the components of a kind: of the template at `source`, of the project's, or of the embedded one."""
    state = None
    if source is None:
        try:
            with open_project(folder, write=False) as project:
                state = project.state
        except AegisError:
            state = None
    place = normalized(source) if source else state.source if state else "embedded"
    here = state.components if state and not source else {}
    references = recorded(here, moving=False)
    with template_of(place, reporter, references, fetch=False) as template:
        catalog, _ = read_catalog(template, history.newest(template))
        return tuple(
            Offered(component, component.name in state.components if state else None)
            for component in catalog.of_kind(kind)
        )

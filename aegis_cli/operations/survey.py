"""Where a project stands (`aegis status`, `log`, `components`). Nothing is changed, and no untrusted code runs.

What an update would bring is counted as the update counts it: by rendering, in memory. A commit that changes nothing
for this stack does not wait, nor does one that was picked. Where the template is not trusted nothing is rendered, and
every commit of its history counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aegis_cli import remembered
from aegis_cli.errors import AegisError
from aegis_cli.git.log import newest
from aegis_cli.git.objects import Commit
from aegis_cli.model import Component, ComponentState, ProjectState, Snapshot
from aegis_cli.operations.answers import answers_at
from aegis_cli.operations.opening import (
    Opener,
    Project,
    Wanted,
    open_project,
    own_template,
    template_of,
)
from aegis_cli.operations.target import at_revision, goal_of, requested_names
from aegis_cli.project import journal
from aegis_cli.project.state import FOLDER, BrokenState
from aegis_cli.replay.replayer import Replayer, Vendor
from aegis_cli.replay.tracking import find, picked
from aegis_cli.replay.trailers import COMPONENT_SOURCE, TEMPLATE_BRANCH, TEMPLATE_COMMIT, trailer
from aegis_cli.reporter import Reporter
from aegis_cli.template import history
from aegis_cli.template.catalog import read_catalog
from aegis_cli.template.marks import marks
from aegis_cli.template.source import EMBEDDED, TemplateRepository, located, normalized


@dataclass(frozen=True)
class UpstreamCommit:
    """A commit of the template, or of a third party's component (then with its source).

    Attributes:
        id: Its id.
        branch: Branch of the template repository, or of the third party's.
        subject: First line of its message.
        author: Its author.
        date: Its date.
        source: Where a third party's component comes from; empty for the template's own.
        security: What it mends, as its authors have marked it.
        breaking: What it breaks, as they have.
    """

    id: str
    branch: str
    subject: str
    author: str
    date: str
    source: str = ""
    security: tuple[str, ...] = ()
    breaking: tuple[str, ...] = ()


def security_fixes(waiting: Iterable[UpstreamCommit]) -> tuple[UpstreamCommit, ...]:
    """Return those of the commits that wait which mend security, as their authors say."""
    return tuple(commit for commit in waiting if commit.security)


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
        left_alone: Files of the template that git's attributes keep from its changes (`aegis=keep`).
        own: How many files the user has beyond the template's.
        tracked: Whether HEAD's history holds the vendor commit; otherwise the next operation anchors the project again.
        interrupted: Whether a killed run left a merge half done, which the next operation undoes.
        unreachable: Why the template is out of reach.
        third_parties: The components that come from somebody else.
        under_way: A merge, rebase or the like that waits for the user; empty where there is none.
        finish: How to end that.
        conflicts: The files in conflict.
        stale: Why there may be newer than `newest`: the template's address did not answer.
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
    under_way: str = ""
    finish: str = ""
    conflicts: tuple[str, ...] = ()
    stale: str = ""
    left_alone: tuple[str, ...] = ()


def status(folder: Path, reporter: Reporter, templates: Opener = template_of) -> ProjectStatus:
    """Return where a project stands."""
    reporter.step("Looking at the project")
    with open_project(folder, write=False) as project:
        vendor = find(project.repository, project.head, project.prefix)
        changed, deleted, own = _difference(project, vendor)
        picks = picks_of(project, vendor)
        newest: str | None = None
        waiting: tuple[UpstreamCommit, ...] = ()
        unreachable = stale = ""
        third = {n: c for n, c in project.state.components.items() if c.source}
        third_parties = tuple(
            ThirdPartyStatus(n, c.source, c.branch, c.commit, None) for n, c in third.items()
        )
        mine = own_template(project.state, moving=True, new=False)
        try:
            with templates(mine, reporter) as template:
                third_parties = tuple(_third_party(template, n, c) for n, c in third.items())
                stale = template.stale
                newest = goal_of(template, project.state, None).name
                waiting, picks = upstream(project, template, vendor, picks, reporter)
        except AegisError as error:
            unreachable = error.message
        ids = {commit.id[:10]: commit.subject for commit in waiting}
        words = {"waiting": ids, "deleted": dict.fromkeys(deleted, "")}
        remembered.remember(f"project {project.root.resolve()}", words)
        under_way, finish, conflicts = _under_way(project)
        return ProjectStatus(
            project.state, newest, waiting, picks,
            changed, deleted, own, vendor is not None, journal.is_pending(project.repository),
            unreachable, third_parties, under_way, finish, conflicts, stale,
            _left_alone(project, vendor),
        )  # fmt: skip


def _left_alone(project: Project, vendor: Vendor | None) -> tuple[str, ...]:
    objects = project.repository.objects
    tree = objects.commit(vendor.commit if vendor else project.head).tree
    files = objects.files(tree, project.prefix.rstrip("/"))
    paths = {project.prefix + path for path in files if not path.startswith(f"{FOLDER}/")}
    alone = project.repository.worktree.left_alone(paths)
    return tuple(sorted(path.removeprefix(project.prefix) for path in alone))


def upstream(
    project: Project,
    template: TemplateRepository,
    vendor: Vendor | None,
    picks: Sequence[UpstreamCommit],
    reporter: Reporter,
) -> tuple[tuple[UpstreamCommit, ...], tuple[UpstreamCommit, ...]]:
    """Return the commits that an update would bring, and those of `picks` that are still ahead of it."""
    found = _brought(project, template, vendor, picks, reporter)
    if found is None:
        state, newest = project.state, history.newest(template)
        found = _steps(template, state, state.snapshot, newest) or ()
    beyond = history.beyond(template, project.state.snapshot, [c.id for c in picks])
    picks = tuple(commit for commit in picks if commit.id in beyond)
    taken = {commit.id for commit in picks}
    return tuple(commit for commit in found if commit.id not in taken), picks


def under_way(folder: Path) -> tuple[str, str, tuple[str, ...]]:
    """Return what waits for the user in a project: (what, how to end it, files in conflict); empty if nothing does."""
    with open_project(folder, write=False) as project:
        return _under_way(project)


def _under_way(project: Project) -> tuple[str, str, tuple[str, ...]]:
    repository = project.repository
    if journal.is_pending(repository):
        return "", "", ()
    conflicts = tuple(sorted(repository.status().unmerged))
    what, how = repository.under_way() or ("", "")
    if conflicts and not what:
        what, how = "something that left conflicts", "git commit"
    return what, how, conflicts


def _brought(
    project: Project,
    template: TemplateRepository,
    vendor: Vendor | None,
    picks: Sequence[UpstreamCommit],
    reporter: Reporter,
) -> tuple[UpstreamCommit, ...] | None:
    """Return the commits that an update would bring, or None where that cannot be rendered."""
    state = project.state
    if vendor is None or any(each.problem for each in template.third_parties.values()):
        return None
    try:
        goal = goal_of(template, state, None)
        answers = answers_at(template, goal.commit, state, {})
        target = at_revision(template, goal, requested_names(state), answers.values).state
        if target == state:
            return ()
        replayer = Replayer(project.repository, template, project.prefix, reporter)
        commits = replayer.replay(vendor, target).commits
    except AegisError:
        return None
    taken = {commit.id for commit in picks}
    return tuple(
        UpstreamCommit(
            commit.upstream[-1], commit.branch, commit.subject, commit.author,
            template.objects.commit(commit.upstream[-1]).author_date, commit.source,
            commit.security, commit.breaking,
        )
        for commit in commits
        if commit.upstream and not taken.intersection(commit.upstream)
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


def between(
    template: TemplateRepository,
    state: ProjectState,
    begin: history.Revision,
    end: history.Revision,
) -> tuple[UpstreamCommit, ...] | None:
    """Return the commits between two revisions that concern a project's components; None where there is no way."""
    _, commits = read_catalog(template, begin)
    there = {name: commits[name] for name in state.components if name in commits}
    return _steps(template, state, Snapshot(begin.commit, there), end)


def _steps(
    template: TemplateRepository, state: ProjectState, begin: Snapshot, end: history.Revision
) -> tuple[UpstreamCommit, ...] | None:
    _, commits = read_catalog(template, end)
    third = template.third_parties
    stuck = {name for name, each in third.items() if each.problem}
    there = {n: commits[n] for n in state.components if n in commits and n not in stuck}
    branches = {name: state.components[name].branch for name in there}
    steps = history.steps(template, begin, Snapshot(end.commit, there), branches)
    if steps is None:
        return None
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
    marked = marks([commit.message])
    return UpstreamCommit(
        oid or commit.id, branch, commit.subject, commit.author, commit.author_date, source,
        marked.security, marked.breaking,
    )  # fmt: skip


def picks_of(project: Project, vendor: Vendor | None) -> tuple[UpstreamCommit, ...]:
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
    """A commit of the template, or of a third party's component, that the project has.

    Attributes:
        vendor: The vendor commit, in the project's repository.
        upstream: The template's commits that it stands for; empty for one of our own (a component comes or goes, ...).
        branch: Branch of the template repository.
        subject: First line of its message.
        author: Its author.
        date: Its date.
        source: Where a third party's component comes from; empty for the template's own.
    """

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
        commits = newest(project.repository, vendor.commit, limit)
        return tuple(taken(commit) for commit in commits)


def taken(commit: Commit) -> Taken:
    """Return what a commit of the project's repository says of the template commit that it stands for."""
    return Taken(
        commit.id, tuple(trailer(commit, TEMPLATE_COMMIT)), _first(commit, TEMPLATE_BRANCH),
        commit.subject, commit.author, commit.author_date, _first(commit, COMPONENT_SOURCE),
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
        except BrokenState:
            raise
        except AegisError:
            state = None
    if source:
        wanted = Wanted(*located(normalized(source)), fetch=False)
    elif state:
        wanted = own_template(state, fetch=False, new=False)
    else:
        wanted = Wanted(EMBEDDED, fetch=False)
    with template_of(wanted, reporter) as template:
        catalog, _ = read_catalog(template, history.newest(template))
        return tuple(
            Offered(component, component.name in state.components if state else None)
            for component in catalog.of_kind(kind)
        )

"""Where a project stands (`aegis status`). Nothing is changed, and no untrusted code runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aegis_cli import remembered
from aegis_cli.errors import AegisError
from aegis_cli.git.objects import Commit
from aegis_cli.model import ComponentState, ProjectState, Vendor
from aegis_cli.operations.opening import Project, open_project
from aegis_cli.operations.opening_template import Opener, own_template, template_of
from aegis_cli.operations.target import goal_of
from aegis_cli.operations.upstream import (
    UpstreamCommit,
    brought_by_picks,
    picks_of,
    taken_by,
    upstream,
)
from aegis_cli.project import journal
from aegis_cli.project.state import LOCK_FILE, is_state
from aegis_cli.reporter import Reporter
from aegis_cli.template.source import TemplateRepository


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
        changed: Files of the template that the user changed, otherwise than by picking.
        deleted: Files of the template that the user deleted.
        left_alone: Files of the template that git's attributes keep from its changes (`aegis=keep`).
        own: How many files the user has beyond the template's and the lock file.
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


def status(
    folder: Path, reporter: Reporter, templates: Opener = template_of, of: str | None = None
) -> ProjectStatus:
    """Return where a project stands with the template that is named; None: with the only one that it has."""
    reporter.step("Looking at the project")
    with open_project(folder, write=False, of=of) as project:
        vendor = project.vendor()
        commits = picks_of(project, vendor)
        changed, deleted, own = _difference(project, vendor, commits)
        picks = taken_by(commits)
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
        name = project.track.name
        remembered.remember(f"project {project.root.resolve()}{f' {name}' if name else ''}", words)
        under_way, finish, conflicts = _under_way(project)
        return ProjectStatus(
            project.state, newest, waiting, picks,
            changed, deleted, own, vendor is not None, journal.is_pending(project.repository),
            unreachable, third_parties, under_way, finish, conflicts, stale,
            _left_alone(project, vendor),
        )  # fmt: skip


@dataclass(frozen=True)
class Unread:
    """One of several templates of which cannot be told where the project stands with it.

    Attributes:
        problem: Why.
        hint: What to do about it.
    """

    problem: str
    hint: str


def standing(folder: Path, reporter: Reporter, of: str) -> ProjectStatus | Unread:
    """Return where a project stands with one of several templates; what is wrong with it hides no other."""
    try:
        return status(folder, reporter, of=of)
    except AegisError as error:
        return Unread(error.message, error.hint or "")


def _left_alone(project: Project, vendor: Vendor | None) -> tuple[str, ...]:
    objects = project.repository.objects
    files = objects.files_at(vendor.commit if vendor else project.head, project.prefix)
    paths = {project.prefix + path for path in files if not is_state(path)}
    alone = project.repository.worktree.left_alone(paths)
    return tuple(sorted(path.removeprefix(project.prefix) for path in alone))


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


def _third_party(
    template: TemplateRepository, name: str, component: ComponentState
) -> ThirdPartyStatus:
    found = template.third_parties[name]
    newest = None if found.problem else found.commit
    return ThirdPartyStatus(
        name, component.source, component.branch, component.commit, newest, found.problem
    )


def _difference(
    project: Project, vendor: Vendor | None, commits: Sequence[Commit]
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    if vendor is None:
        return (), (), 0
    objects = project.repository.objects
    folder = project.prefix.rstrip("/")
    sides = [objects.entry(objects.commit(c).tree, folder) for c in (vendor.commit, project.head)]
    before, after = (side[1] if side else None for side in sides)
    found = [c for c in objects.changes(before, after) if not is_state(c[0])]
    picked = brought_by_picks(project, commits, found)
    found = [change for change in found if change[0] not in picked]
    changed = tuple(path for path, was, now in found if was and now)
    deleted = tuple(path for path, was, now in found if was and not now)
    others = {*project.of_others(), project.prefix + LOCK_FILE}
    own = [path for path, was, _ in found if not was and project.prefix + path not in others]
    return changed, deleted, len(own)

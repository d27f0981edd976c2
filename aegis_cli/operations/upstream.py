"""The upstream commits that wait for a project, and those that it has taken singly.

What an update would bring is counted as the update counts it: by rendering, in memory. A commit that changes nothing
for this stack does not wait, nor does one that was picked. Where the template is not trusted nothing is rendered, and
every commit of its history counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aegis_cli.errors import AegisError
from aegis_cli.git.objects import Commit, Entry
from aegis_cli.model import ProjectState, Snapshot, Vendor
from aegis_cli.operations.answers import answers_at
from aegis_cli.operations.opening import Project
from aegis_cli.operations.target import at_revision, goal_of, requested_names
from aegis_cli.replay.tracking import picked
from aegis_cli.replay.trailers import (
    COMPONENT_SOURCE,
    TEMPLATE_BRANCH,
    TEMPLATE_COMMIT,
    first_trailer,
    trailer,
)
from aegis_cli.reporter import Reporter
from aegis_cli.template import history
from aegis_cli.template.catalog import read_catalog
from aegis_cli.template.marks import marks
from aegis_cli.template.source import TemplateRepository


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
        from aegis_cli.replay.replayer import Replayer

        replayer = Replayer(project.repository, template, project.track, reporter)
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


def picks_of(project: Project, vendor: Vendor | None) -> list[Commit]:
    """Return the user's own commits that hold template commits singly, newest first."""
    if vendor is None:
        return []
    return picked(project.repository, vendor.commit, project.head, project.track)


def brought_by_picks(
    project: Project,
    commits: Sequence[Commit],
    changes: Iterable[tuple[str, Entry | None, Entry | None]],
) -> set[str]:
    """Return the files that differ from the template only by what the user has picked of it.

    Args:
        project: The project.
        commits: What `picks_of` says.
        changes: What differs below the project's folder: (path, entry in the template, entry in HEAD).
    """
    if not commits:
        return set()
    from aegis_cli.project.settle import past_picks

    repository, objects = project.repository, project.repository.objects
    order = [commit for commit in reversed(commits) if commit.parents]
    trees = [(objects.commit(commit.parents[0]).tree, commit.tree) for commit in order]
    found = set()
    for path, was, now in changes:
        place = project.prefix + path
        if now is None:
            sides = ([objects.entry(tree, place) for tree in pair] for pair in trees)
            if any(before and not after for before, after in sides):
                found.add(path)
            continue
        moved = past_picks(repository, place, {1: was} if was else {}, [c.id for c in order])
        if moved.get(1) == now:
            found.add(path)
    return found


def taken_by(commits: Iterable[Commit]) -> tuple[UpstreamCommit, ...]:
    """Return the template commits that the user's own hold singly."""
    return tuple(
        _upstream(
            commit,
            first_trailer(commit, TEMPLATE_BRANCH),
            oid,
            first_trailer(commit, COMPONENT_SOURCE),
        )
        for commit in commits
        for oid in trailer(commit, TEMPLATE_COMMIT)
    )

"""The vendor commits to be, from one state of a project to another: at which points of the template, in which words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from aegis_cli.model import ComponentState, ProjectState, Snapshot
from aegis_cli.replay.trailers import (
    COMPONENT_SOURCE,
    IDENTITY,
    TEMPLATE_BRANCH,
    TEMPLATE_COMMIT,
)
from aegis_cli.template import history
from aegis_cli.template.source import TemplateRepository


@dataclass(frozen=True)
class Stage:
    """One vendor commit to be: the template as it then stands, and the words for it."""

    snapshot: Snapshot
    subject: str
    author: tuple[str, str]
    date: str
    message: str
    trailers: tuple[tuple[str, str], ...]
    upstream: tuple[str, ...] = ()
    branch: str = ""
    said: tuple[str, ...] = ()
    """The messages of the template commits that it stands for."""

    @property
    def upstream_id(self) -> str:
        """Id of the newest template commit that it stands for."""
        return self.upstream[-1] if self.upstream else self.trailers[0][1]


class Stages:
    """Plans vendor commits.

    Args:
        template: The template repository.
        order: Names of components, in the catalogue's order.
    """

    def __init__(self, template: TemplateRepository, order: Sequence[str]) -> None:
        self._template, self._order = template, order

    def between(
        self, old: ProjectState, new: ProjectState, *, answers_differ: bool, squash: bool
    ) -> Iterator[Stage]:
        """Yield the vendor commits to be from one state of a project to another, but for the one that closes them."""
        snapshot = old.snapshot
        known = self._template.objects.exists(old.commit)
        if known and self.is_elsewhere(old):
            place = f"the folder {new.directory}" if new.directory else "the top of its repository"
            yield self._own(snapshot, f"Change to the template in {place}", old.commit)
        elif answers_differ:
            yield self._own(snapshot, "Change the answers", old.commit)
        kept = {n: c for n, c in snapshot.components.items() if n in new.components}
        if known and len(kept) < len(snapshot.components):
            gone = ", ".join(n for n in self._order if n in old.components and n not in kept)
            snapshot = Snapshot(snapshot.main, kept)
            yield self._own(snapshot, f"Remove {gone}", old.commit)
        target = Snapshot(new.commit, {n: c.commit for n, c in new.components.items() if n in kept})
        if target != snapshot:
            yield from self._upstream(snapshot, target, new, squash=squash)
        for name in self._order:
            if name in new.components and name not in kept:
                commit = new.components[name].commit
                target = Snapshot(target.main, {**target.components, name: commit})
                yield self._own(target, f"Add {name}", commit, new.components[name])

    def is_elsewhere(self, old: ProjectState) -> bool:
        """Return whether the project comes from another folder than where its commit has the template now."""
        template = self._template
        if old.directory == template.directory or not template.objects.exists(old.commit):
            return False
        return template.tree_in(old.commit, old.directory) != template.tree_at(old.commit)

    def _upstream(
        self,
        old: Snapshot,
        new: Snapshot,
        state: ProjectState,
        *,
        squash: bool,
    ) -> Iterator[Stage]:
        branches = {name: state.components[name].branch for name in new.components}
        steps = history.steps(self._template, old, new, branches)
        if steps is None or squash:
            subjects = [f"* {step.commit.subject}" for step in steps or ()]
            stage = self._own(new, f"Change to template {state.release}", state.commit)
            upstream = tuple(step.commit.id for step in steps or ())
            text = "\n".join([stage.subject, "", *subjects] if subjects else [stage.subject])
            said = tuple(step.commit.message for step in steps or ())
            yield replace(stage, message=text, upstream=upstream, said=said)
            return
        for step in steps:
            commit, component = step.commit, state.components.get(step.component)
            if step.leap and component:
                subject = f"Move {step.component} to {commit.id[:12]}, which its authors made anew"
                leap = self._own(step.snapshot, subject, commit.id, component)
                yield replace(leap, upstream=(commit.id,), said=(commit.message,))
                continue
            yield Stage(
                step.snapshot, commit.subject, (commit.author, commit.author_date),
                commit.committer_date, commit.message,
                _trailers(commit.id, step.branch, component), (commit.id,), step.branch,
                (commit.message,),
            )  # fmt: skip

    def _own(
        self,
        snapshot: Snapshot,
        subject: str,
        commit: str,
        component: ComponentState | None = None,
    ) -> Stage:
        """A commit of ours. Its date is that of the template commit, so that every clone writes the same one."""
        date = self._template.objects.commit(commit).committer_date
        branch = component.branch if component else self._template.default_branch
        trailers = _trailers(commit, branch, component)
        return Stage(snapshot, subject, (IDENTITY, date), date, subject, trailers, (), branch)


def _trailers(
    commit: str, branch: str, component: ComponentState | None
) -> tuple[tuple[str, str], ...]:
    """Return what tells where a vendor commit comes from."""
    found = ((TEMPLATE_COMMIT, commit), (TEMPLATE_BRANCH, branch))
    if component and component.source:
        return (*found, (COMPONENT_SOURCE, component.source))
    return found


def last_of(stages: Sequence[Stage], wanted: Collection[str]) -> int | None:
    """Return the number of the last stage that is needed for some commits, or None if that is not known beforehand."""
    found = [
        [n for n, stage in enumerate(stages) if any(oid.startswith(word) for oid in stage.upstream)]
        for word in wanted
    ]
    return (
        max(each[0] for each in found) if found and all(len(each) == 1 for each in found) else None
    )

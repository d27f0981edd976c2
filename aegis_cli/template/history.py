"""The template's history: releases, a component's commit at a revision, and the steps between two revisions."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from aegis_cli.errors import UnknownName, suggestion
from aegis_cli.git import graph
from aegis_cli.git.objects import Commit
from aegis_cli.model import Snapshot
from aegis_cli.template.source import TemplateRepository, worktree_commit
from aegis_cli.template.trust import require_trust
from aegis_cli.text import named

_RELEASE = re.compile(r"v?(\d+(?:\.\d+)+)")
_STALE = 365 * 86400  # seconds after which a release is old
_MANY = 200  # commits
WORKTREE = "worktree"
"""What stands for the uncommitted work of a template in a folder, where a revision can be named."""
KIND_FOLDERS = ("component/", "service/")


@dataclass(frozen=True)
class Revision:
    """A point in the template's history that a project can be at.

    Attributes:
        name: The release's tag, or a short commit id.
        commit: Commit of the main branch.
        release: Whether it is a release.
    """

    name: str
    commit: str
    release: bool


def releases(repository: TemplateRepository) -> list[Revision]:
    """Return the releases of a template, oldest first, by version number. Pre-releases do not count."""
    found = []
    for tag, commit in repository.tags.items():
        match = _RELEASE.fullmatch(tag)
        if match:
            found.append((tuple(map(int, match[1].split("."))), tag, commit))
    return [Revision(tag, commit, release=True) for _, tag, commit in sorted(found)]


def newest(repository: TemplateRepository) -> Revision:
    """Return the newest release, or the tip of main for a template without releases."""
    known = releases(repository)
    return known[-1] if known and not repository.working_tree else _tip(repository)


def _tip(repository: TemplateRepository) -> Revision:
    """Return the tip of main: a release as long as nothing has come since, on a component's branch either."""
    commit = repository.branches[repository.default_branch]
    same = [release for release in releases(repository) if _is_tip(repository, release)]
    return same[-1] if same else Revision(commit[:12], commit, release=False)


def ahead(repository: TemplateRepository, revision: Revision) -> int:
    """Return how many commits main is ahead of a release that its authors have left behind: by a year, or a lot."""
    tip = repository.branches[repository.default_branch]
    if (
        not revision.release
        or repository.embedded
        or not graph.is_ancestor(repository.git, revision.commit, tip)
    ):
        return 0
    if repository.tree_at(revision.commit) == repository.tree_at(tip):
        return 0
    count = len(graph.commits(repository.git, tip, f"^{revision.commit}"))
    commits = (repository.objects.commit(oid) for oid in (revision.commit, tip))
    old, new = (_seconds(commit) for commit in commits)
    return count if new - old > _STALE or count > _MANY else 0


def _is_tip(repository: TemplateRepository, release: Revision) -> bool:
    """Return whether nothing has changed since a release, on main or on a component's branch."""
    tips = {
        branch: repository.branches[branch] for branch in component_branches(repository).values()
    }
    released = {branch: repository.tags.get(f"{branch}/{release.name}") for branch in tips}
    return repository.branches[repository.default_branch] == release.commit and tips == released


def resolve(repository: TemplateRepository, name: str | None) -> Revision:
    """Return the revision that `name` stands for: a release, branch, or commit; None: the newest.

    Raises:
        UnknownName: There is no such revision.
    """
    if name is None:
        return newest(repository)
    known = releases(repository)
    for release in known:
        if release.name.removeprefix("v") == name.removeprefix("v"):
            return release
    if name == repository.default_branch:
        return _tip(repository)
    commit = repository.tags.get(name) or repository.branches.get(name)
    if commit is None and name == WORKTREE:
        head, commit = _worktree(repository)
        if commit != head:
            return Revision(f"{head[:12]}+{WORKTREE}", commit, release=False)
    if commit is None and re.fullmatch(r"[0-9a-f]{4,64}", name):
        answer = repository.objects.read(f"{name}^{{commit}}")
        commit = answer[0] if answer else None
    if commit is None:
        names = [release.name for release in reversed(known)]
        raise UnknownName(
            f"The template has no revision {named(name)}.{suggestion(name, names)}",
            f"Its newest releases: {', '.join(names[:5])}." if names else "It has no releases.",
        )
    same = [release for release in known if release.commit == commit]
    return same[-1] if same else Revision(commit[:12], commit, release=False)


def _worktree(repository: TemplateRepository) -> tuple[str, str]:
    """Return the HEAD of a template in a folder, and its uncommitted work as a commit."""
    if not repository.embedded:
        require_trust(repository.source)  # git reads its work tree, as its .gitattributes say
    found = worktree_commit(repository)
    if found is None:
        raise UnknownName(
            f"'{WORKTREE}' is the uncommitted work of a template in a folder, and {repository.source} has no such.",
            "Name a release, a branch or a commit.",
        )
    return found


def component_branches(repository: TemplateRepository) -> dict[str, str]:
    """Return {component: branch} of a template repository."""
    return {
        branch.removeprefix(folder): branch
        for branch in repository.branches
        for folder in KIND_FOLDERS
        if branch.startswith(folder)
    }


def component_commit(repository: TemplateRepository, branch: str, revision: Revision) -> str | None:
    """Return a component's commit at a revision of the template, or None where it did not exist yet.

    A release has a tag of its own on every branch. Elsewhere it is the newest commit of the branch that holds no
    newer main than the revision's.
    """
    if revision.release:
        return repository.tags.get(f"{branch}/{revision.name}")
    tip = repository.branches[branch]
    main = repository.branches[repository.default_branch]
    if revision.commit == main:
        return tip
    # What main has beyond the revision must not be among the commit's ancestors.
    newer = set(graph.commits(repository.git, main, f"^{revision.commit}"))
    walk = graph.parents(repository.git, tip, f"^{revision.commit}")
    reaches: dict[str, bool] = {}
    for oid in reversed(list(walk)):  # parents before children
        reaches[oid] = oid in newer or any(reaches.get(parent, False) for parent in walk[oid])
    current = tip
    while reaches.get(current, False):
        if current in newer or not walk[current]:
            return None
        current = walk[current][0]
    return current if current in walk and current not in newer else None


def beyond(repository: TemplateRepository, snapshot: Snapshot, commits: Sequence[str]) -> set[str]:
    """Return those of some template commits that a snapshot does not hold."""
    ends = [snapshot.main, *snapshot.components.values()]
    known = [oid for oid in (*commits, *ends) if repository.objects.exists(oid)]
    wanted = [oid for oid in known if oid in commits]
    if not wanted:
        return set()
    held = [f"^{oid}" for oid in ends if oid in known]
    return set(graph.commits(repository.git, *wanted, *held)).intersection(commits)


@dataclass(frozen=True)
class Step:
    """One upstream commit to replay.

    Attributes:
        commit: The commit, with its author, date and message.
        branch: The branch that it is on.
        snapshot: The template as it stands after it.
        component: The component whose branch that is; empty for main.
        leap: It does not descend from where the component was, whose history has been rewritten.
    """

    commit: Commit
    branch: str
    snapshot: Snapshot
    component: str = ""
    leap: bool = False


def steps(
    repository: TemplateRepository, old: Snapshot, new: Snapshot, branches: Mapping[str, str]
) -> list[Step] | None:
    """Return the upstream commits between two snapshots, in an order in which each has what it builds upon.

    Args:
        repository: The template repository.
        old: Where the project is.
        new: Where it goes. Components that only one of the two has are left as they are in `old`.
        branches: {component: branch}.

    Returns:
        The steps, or None when `new` does not descend from `old` along main (an older release, a rewritten history).
    """
    objects = repository.objects
    shared = sorted(old.components.keys() & new.components.keys())
    lost = _lost(repository, old, shared)
    known = [name for name in shared if name not in lost]
    tips = [new.main, *(new.components[name] for name in known)]
    bases = [old.main, *(old.components[name] for name in known)]
    if not all(objects.exists(oid) for oid in (*tips, *bases)):
        return None
    parents = graph.parents(repository.git, *tips, *(f"^{oid}" for oid in bases))
    main = _first_parents(parents, new.main, old.main)
    chains = {
        name: _first_parents(parents, new.components[name], old.components[name]) for name in known
    }
    rewritten = [n for n, c in chains.items() if c is None and n in repository.third_parties]
    if main is None or any(c is None for n, c in chains.items() if n not in rewritten):
        return None
    objects.preload_commits(parents)
    order = {oid: index for index, oid in enumerate(main, start=1)}
    placed: list[_Placed] = [(index, -1, 0, oid, "") for oid, index in order.items()]
    virtual = _merged_commits(repository, parents, main, set())
    placed += [
        (order[merge], -2, number, oid, "")
        for merge, oids in virtual.items()
        for number, oid in enumerate(oids)
    ]
    for rank, name in enumerate(known):
        chain = chains[name] or []
        if name in repository.third_parties:
            placed += _placed_by_date(repository, parents, main, chain, (rank, name))
            continue
        needed = 0
        for index, oid in enumerate(chain):
            needed = max([needed, *(order.get(parent, 0) for parent in parents[oid])])
            placed.append((needed, rank, index, oid, name))
    # Nothing can be built upon what is lost; what was rewritten may need all of the new main.
    placed += [(0, -3, 0, new.components[name], name) for name in sorted(lost)]
    placed += [(len(main), len(shared), 0, new.components[name], name) for name in rewritten]
    found = []
    at_main, at_components = old.main, dict(old.components)
    for *_, oid, name in sorted(placed):
        if name:
            at_components[name] = oid
        else:
            before, at_main = at_main, oid
            if repository.directory and repository.tree_at(before) == repository.tree_at(oid):
                continue  # most commits of a repository of several templates are another one's
        branch = branches[name] if name else repository.default_branch
        commit, snapshot = (
            objects.commit(oid.rpartition("+")[2]),
            Snapshot(at_main, dict(at_components)),
        )
        found.append(Step(commit, branch, snapshot, name, name in lost or name in rewritten))
    return found


_Placed = tuple[int, int, int, str, str]
"""Where a step goes: (after how many of main's, rank of its branch, number there, commit, component)."""


def _lost(repository: TemplateRepository, old: Snapshot, shared: Sequence[str]) -> set[str]:
    """Return the third parties' components whose old commits are nowhere any more."""
    third = repository.third_parties
    return {n for n in shared if n in third and not repository.objects.exists(old.components[n])}


def _placed_by_date(
    repository: TemplateRepository,
    parents: Mapping[str, list[str]],
    main: Sequence[str],
    chain: Sequence[str],
    where: tuple[int, str],
) -> list[_Placed]:
    """Place a third party's commits among main's: by date, for nothing else tells which of main's they were made for.

    What a merge brought comes commit by commit here, too.
    """
    objects, (rank, name) = repository.objects, where
    seen: set[str] = set()
    if main:
        _mark_ancestors(parents, main[-1], seen)  # a fork merges main
    virtual = _merged_commits(repository, parents, chain, seen)
    order = {oid: index for index, oid in enumerate(main, start=1)}
    dates = list(accumulate((_seconds(objects.commit(oid)) for oid in main), max))
    found: list[_Placed] = []
    needed = 0
    for oid in chain:
        by_date = bisect_right(dates, _seconds(objects.commit(oid)))
        needed = max([needed, by_date, *(order.get(parent, 0) for parent in parents[oid])])
        for each in (*virtual.get(oid, ()), oid):
            found.append((needed, rank, len(found), each, name))
    return found


def _seconds(commit: Commit) -> int:
    return int(commit.committer_date.partition(" ")[0])


def _merged_commits(
    repository: TemplateRepository,
    parents: Mapping[str, list[str]],
    main: Sequence[str],
    seen: set[str],
) -> dict[str, list[str]]:
    """Return what each merge on main brought, commit by commit: {merge: virtual commits}.

    A commit of a merged branch becomes main's state before the merge, merged with that commit: so it has its own
    change, author and message, and what follows stays in one line. Where that does not merge cleanly, it is left to the
    merge.
    The ids of virtual commits are `<main before>+<commit>`.

    Args:
        repository: The template repository.
        parents: {commit: parents} of all that is new.
        main: Its first parents, oldest first; or those of another branch.
        seen: Commits that come elsewhere.
    """
    pairs: dict[str, list[tuple[str, str]]] = {}
    for oid in main:
        first, *others = parents[oid]
        for other in others[:1]:
            side = []
            current: str | None = other
            while current is not None and current in parents and current not in seen:
                side.append(current)
                current = next(iter(parents[current]), None)
            pairs[oid] = [(first, commit) for commit in reversed(side)]
        _mark_ancestors(parents, oid, seen)
    trees = graph.merge_trees(repository.git, [pair for found in pairs.values() for pair in found])
    virtual: dict[str, list[str]] = {}
    for merge, found in pairs.items():
        for before, commit in found:
            tree = trees.get((before, commit))
            if tree is not None:
                name = f"{before}+{commit}"
                base = repository.objects.commit(before)
                repository.objects.put_virtual(replace(base, id=name, tree=tree))
                virtual.setdefault(merge, []).append(name)
    return virtual


def _mark_ancestors(parents: Mapping[str, list[str]], tip: str, seen: set[str]) -> None:
    waiting = [tip]
    while waiting:
        oid = waiting.pop()
        if oid in parents and oid not in seen:
            seen.add(oid)
            waiting += parents[oid]


def _first_parents(parents: Mapping[str, list[str]], tip: str, base: str) -> list[str] | None:
    chain: list[str] = []
    current = tip
    while current != base:
        if current not in parents or not parents[current]:
            return None
        chain.append(current)
        current = parents[current][0]
    return chain[::-1]

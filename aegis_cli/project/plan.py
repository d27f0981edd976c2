"""Planning a merge: what it would do to each file, and which conflicts have one right answer. Nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from aegis_cli.git.objects import EXECUTABLE, REGULAR, Entry
from aegis_cli.git.repository import Repository
from aegis_cli.project.state import FOLDER

_REGULAR = (REGULAR, EXECUTABLE)
_REALIGNED = "lines aligned otherwise"


@dataclass(frozen=True)
class Change:
    """What the merge does to a file of HEAD.

    Attributes:
        path: From the top of the repository.
        kind: `added`, `updated` or `removed`.
        yours: The user had changed the file, too.
    """

    path: str
    kind: str
    yours: bool


@dataclass(frozen=True)
class SettledHunk:
    """A conflict with one right answer: the file, the line in the merged file, and the rule."""

    path: str
    line: int
    rule: str


@dataclass(frozen=True)
class Kept:
    """A file that stays as the user has it, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Conflict:
    """A file that waits for the user: how many hunks, or what kind of conflict."""

    path: str
    hunks: int
    kind: str


@dataclass(frozen=True)
class MergePlan:
    """What a merge will do.

    Attributes:
        ours: The commit that is merged into.
        theirs: The vendor commit.
        label: What `git merge` is to call it: the vendor branch, or its id where that branch cannot move.
        tree: The merged tree, as git makes it.
        paths: Every path that the merge touches: {path: (entry before, entry after)}.
        settled_files: Contents that settle conflicts: {path: (mode, content), or None for a file that stays deleted}.
    """

    ours: str
    theirs: str
    label: str
    tree: str
    paths: Mapping[str, tuple[Entry | None, Entry | None]]
    changes: tuple[Change, ...]
    settled: tuple[SettledHunk, ...]
    kept: tuple[Kept, ...]
    conflicts: tuple[Conflict, ...]
    settled_files: Mapping[str, tuple[str, bytes] | None]


def plan_merge(
    repository: Repository,
    ours: str,
    theirs: str,
    base: str | None,
    vendor_ref: str,
    *,
    settle: bool = True,
    keep_changed: bool = False,
    picked: Sequence[str] = (),
) -> MergePlan:
    """Merge in memory and look at the result.

    Args:
        repository: The user's repository.
        ours: The commit to merge into.
        theirs: The vendor commit to merge.
        base: The vendor commit that `ours` was built from; None for a project that is new.
        vendor_ref: Full name of the vendor branch.
        settle: Settle conflicts that have one right answer.
        keep_changed: A file that the template drops and the user changed stays, instead of being a conflict.
        picked: Vendor commits among those to merge that `ours` has already, as cherry-picks.
    """
    objects = repository.objects
    merged = repository.merge_in_memory(ours, theirs)
    label = theirs if repository.is_checked_out(vendor_ref) else vendor_ref
    beside = _Beside({ours: "HEAD", theirs: label.replace("/", "_")})
    before, after = objects.commit(ours).tree, merged.tree
    paths = {beside.named(p): (was, now) for p, was, now in objects.changes(before, after)}
    settled: list[SettledHunk] = []
    kept: list[Kept] = []
    conflicts: list[Conflict] = []
    files: dict[str, tuple[str, bytes] | None] = {}
    kinds = {beside.named(path): kind for kind, involved in merged.notes for path in involved}
    all_stages = {beside.named(path): stages for path, stages in merged.stages.items()}
    trail = _Trail(repository, base, ours, theirs) if settle and base else None
    if trail:
        for path in trail.deleted(paths.keys() - all_stages.keys()):
            files[path] = None
            kept.append(Kept(path, "you deleted it under the name that it had"))
    for path, stages in sorted(all_stages.items()):
        paths.setdefault(path, (stages.get(2), None))
        followed = trail.follow(path, stages) if trail and not keep_changed else None
        if followed and followed[0] not in all_stages:
            new, new_stages = followed
            answer = _settle(repository, new, new_stages, _REALIGNED, keep_changed=False)
            hunks, _, file, left = answer or _OPEN
            if left:
                kind = f"{_kind(kinds.get(path, ''))}, the template renamed it to {new}"
                conflicts.append(Conflict(path, 1, kind))
                continue
            settled.append(SettledHunk(new, 1, f"followed from {path}"))
            settled += [SettledHunk(new, line, rule) for line, rule in hunks if rule != _REALIGNED]
            files[path], files[new] = None, file
            continue
        answer = None
        if settle:
            moved = _past_picks(repository, path, stages, picked)
            rule = _REALIGNED if moved == stages else "picked before"
            answer = _settle(repository, path, moved, rule, keep_changed=keep_changed)
        if answer is None:
            conflicts.append(Conflict(path, 1, _kind(kinds.get(path, ""))))
            continue
        hunks, reason, file, left = answer
        settled += [SettledHunk(path, line, rule) for line, rule in hunks]
        if left:
            conflicts.append(Conflict(path, left, "content"))
            continue
        files[path] = file
        if reason:
            kept.append(Kept(beside.wanted(path), reason))
    edited = (
        {p for p, _, _ in objects.changes(objects.commit(base).tree, before)} if base else set()
    )
    held = {p for p in files if beside.wanted(p) in {file.path for file in kept}}
    held |= {file.path for file in conflicts}
    changes = [
        Change(path, _change_kind(was, now, files.get(path, ())), path in edited)
        for path, (was, now) in sorted(paths.items())
        if path not in held and not (was is None and files.get(path, ()) is None)
    ]
    return MergePlan(
        ours, theirs, label, merged.tree, paths, tuple(changes), tuple(settled), tuple(kept),
        tuple(conflicts), files,
    )  # fmt: skip


@dataclass(frozen=True)
class _Beside:
    """Names of files that stand beside a folder which has their place: `docs~HEAD`.

    Attributes:
        labels: {commit as the merge in memory names it: as the real one does}.
    """

    labels: Mapping[str, str]

    def named(self, path: str) -> str:
        """Return the name that the real merge gives a file."""
        place, _, commit = path.rpartition("~")
        return f"{place}~{self.labels[commit]}" if commit in self.labels else path

    def wanted(self, path: str) -> str:
        """Return the place that a file would have had."""
        place, _, label = path.rpartition("~")
        return place if label in self.labels.values() else path


def _past_picks(
    repository: Repository, path: str, stages: Mapping[int, Entry], picked: Sequence[str]
) -> Mapping[int, Entry]:
    """Move the base of a conflict past the picks: what both sides have from the template is no change of the user's."""
    from aegis_cli.merging.resolve import resolve

    objects = repository.objects
    base = stages.get(1)
    for oid in picked:
        commit = objects.commit(oid)
        was = objects.entry(objects.commit(commit.parents[0]).tree, path)
        now = objects.entry(commit.tree, path)
        if now is None or now == was or bool(was) != bool(base):
            continue
        if was is None or base is None or was == base:
            base = now
            continue
        merged = resolve(path, objects.blob(was[1]), objects.blob(base[1]), objects.blob(now[1]))
        if merged.conflicts:
            return stages
        base = (now[0], repository.write_blob(merged.content))
    return {**stages, 1: base} if base else stages


_Answer = tuple[list[tuple[int, str]], str, tuple[str, bytes] | None, int]


_OPEN: _Answer = ([], "", None, 1)


class _Trail:
    """Follows files that the template renamed in one commit and rewrote in another: git compares only both ends.

    Args:
        repository: The user's repository.
        base: The vendor commit that `ours` was built from.
        ours: The user's commit.
        theirs: The vendor commit to merge.
    """

    def __init__(self, repository: Repository, base: str, ours: str, theirs: str) -> None:
        self._repository = repository
        self._base, self._ours, self._theirs = base, ours, theirs
        objects = repository.objects
        self._trees = {c: objects.commit(c).tree for c in (base, ours, theirs)}

    def _entry(self, commit: str, path: str) -> Entry | None:
        return self._repository.objects.entry(self._trees[commit], path)

    @cached_property
    def _renames(self) -> list[tuple[str, str]]:
        return self._repository.renames(self._base, self._theirs)

    def _newest_name(self, path: str) -> str:
        for old, new in self._renames:
            path = new if path == old else path
        return path

    def follow(
        self, path: str, stages: Mapping[int, Entry]
    ) -> tuple[str, Mapping[int, Entry]] | None:
        """Return (new path, stages) for a file that the user changed and the template seems to have deleted."""
        if set(stages) != {1, 2} or self._entry(self._base, path) != stages[1]:
            return None
        new = self._newest_name(path)
        theirs = self._entry(self._theirs, new)
        if new == path or theirs is None or self._entry(self._ours, new) is not None:
            return None
        return new, {**stages, 3: theirs}

    def deleted(self, paths: Collection[str]) -> list[str]:
        """Return which of the paths are new names of files that the user deleted."""
        objects = self._repository.objects
        gone = {
            path
            for path, _, now in objects.changes(self._trees[self._base], self._trees[self._ours])
            if now is None and self._entry(self._theirs, path) is None
        }
        if not gone:
            return []
        gone -= {old for old, _ in self._repository.renames_between(self._base, self._ours)}
        new = {self._newest_name(path) for path in gone} - gone
        return sorted(p for p in new & set(paths) if self._entry(self._ours, p) is None)


def _settle(
    repository: Repository,
    path: str,
    stages: Mapping[int, Entry],
    rule: str,
    *,
    keep_changed: bool,
) -> _Answer | None:
    """Return (settled hunks, why the user's file stays, content, hunks left), or None where only the user can tell.

    `rule` is what settles a file that merges without a conflict when looked at this way.
    """
    objects = repository.objects
    base, ours, theirs = stages.get(1), stages.get(2), stages.get(3)
    if f"/{FOLDER}/" in f"/{path}":
        return [(1, "state of aegis")], "", theirs and (theirs[0], objects.blob(theirs[1])), 0
    if base and theirs and not ours:
        return [], "you deleted it, and the template changed it", None, 0
    if base and ours and not theirs:
        if base == ours:
            return [(1, rule)], "", None, 0
        if not keep_changed:
            return None
        return [], "you changed it: delete it when you are done with it", (
            ours[0], objects.blob(ours[1]),
        ), 0  # fmt: skip
    if not (ours and theirs) or {ours[0], theirs[0]} - set(_REGULAR):
        return None
    from aegis_cli.merging.resolve import resolve

    mode = theirs[0] if base and base[0] == ours[0] else ours[0]
    resolution = resolve(
        path,
        objects.blob(base[1]) if base else None,
        objects.blob(ours[1]),
        objects.blob(theirs[1]),
    )
    hunks = [(hunk.line, hunk.rule) for hunk in resolution.settled]
    if not hunks and not resolution.conflicts:
        hunks = [(1, rule)]
    return hunks, "", (mode, resolution.content), resolution.conflicts


def _change_kind(was: Entry | None, now: Entry | None, settled: object) -> str:
    if was is None:
        return "added"
    return "removed" if now is None or settled is None else "updated"


def _kind(note: str) -> str:
    return note.removeprefix("CONFLICT (").rstrip(")").replace("contents", "content") or "content"

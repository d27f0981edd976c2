"""Planning a merge: what it would do to each file, and which conflicts have one right answer. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aegis_cli.git.objects import EXECUTABLE, REGULAR, Entry
from aegis_cli.git.repository import Repository
from aegis_cli.project.state import FOLDER

_REGULAR = (REGULAR, EXECUTABLE)


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
    for path, stages in sorted(all_stages.items()):
        paths.setdefault(path, (stages.get(2), None))
        answer = _settle(repository, path, stages, keep_changed=keep_changed) if settle else None
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


_Answer = tuple[list[tuple[int, str]], str, tuple[str, bytes] | None, int]


def _settle(
    repository: Repository, path: str, stages: Mapping[int, Entry], *, keep_changed: bool
) -> _Answer | None:
    """Return (settled hunks, why the user's file stays, content, hunks left), or None where only the user can tell."""
    objects = repository.objects
    base, ours, theirs = stages.get(1), stages.get(2), stages.get(3)
    if f"/{FOLDER}/" in f"/{path}":
        return [(1, "state of aegis")], "", theirs and (theirs[0], objects.blob(theirs[1])), 0
    if base and theirs and not ours:
        return [], "you deleted it, and the template changed it", None, 0
    if base and ours and not theirs:
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
        hunks = [(1, "lines aligned otherwise")]
    return hunks, "", (mode, resolution.content), resolution.conflicts


def _change_kind(was: Entry | None, now: Entry | None, settled: object) -> str:
    if was is None:
        return "added"
    return "removed" if now is None or settled is None else "updated"


def _kind(note: str) -> str:
    return note.removeprefix("CONFLICT (").rstrip(")").replace("contents", "content") or "content"

"""Planning a merge: what it would do to each file, and which conflicts have one right answer. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aegis_cli.git.objects import Entry
from aegis_cli.git.repository import InMemoryMerge, Repository
from aegis_cli.project.renames import Beside, Trail
from aegis_cli.project.settle import PICKED, REALIGNED, Settlement, past_picks, settle


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
        settled_files: Contents that settle conflicts: {path: (mode, content), or None for a file that is to go}.
        partial_files: Contents of files of which some hunks are settled and some are left, with markers.
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
    partial_files: Mapping[str, bytes]


@dataclass(frozen=True)
class Wishes:
    """How a merge is to be planned.

    Attributes:
        settle: Settle conflicts that have one right answer.
        removing: It only takes out what components had brought: what the user changed or put beside it stays.
        picked: Vendor commits among those to merge that the user has already, as cherry-picks.
    """

    settle: bool = True
    removing: bool = False
    picked: Sequence[str] = ()


def plan_merge(
    repository: Repository,
    ours: str,
    theirs: str,
    base: str | None,
    vendor_ref: str,
    wishes: Wishes | None = None,
) -> MergePlan:
    """Merge in memory and look at the result.

    Args:
        repository: The user's repository.
        ours: The commit to merge into.
        theirs: The vendor commit to merge.
        base: The vendor commit that `ours` was built from; None for a project that is new.
        vendor_ref: Full name of the vendor branch.
        wishes: How.
    """
    label = theirs if repository.is_checked_out(vendor_ref) else vendor_ref
    merged = repository.merge_in_memory(ours, theirs)
    return _Planner(repository, ours, theirs, base, label, merged, wishes or Wishes()).plan()


class _Planner:
    """Goes through the conflicts of a merge and collects what is to become of them."""

    def __init__(
        self,
        repository: Repository,
        ours: str,
        theirs: str,
        base: str | None,
        label: str,
        merged: InMemoryMerge,
        wishes: Wishes,
    ) -> None:
        objects = repository.objects
        self._repository, self._wishes = repository, wishes
        self._ours, self._theirs, self._base, self._label = ours, theirs, base, label
        self._tree = merged.tree
        self._beside = Beside({ours: "HEAD", theirs: label.replace("/", "_")})
        named = self._beside.named
        self._head_tree = objects.commit(ours).tree
        changes = objects.changes(self._head_tree, merged.tree)
        self._paths = {named(path): (was, now) for path, was, now in changes}
        self._kinds = {named(path): kind for kind, paths in merged.notes for path in paths}
        self._stages = {named(path): stages for path, stages in merged.stages.items()}
        self._settled: list[SettledHunk] = []
        self._kept: list[Kept] = []
        self._conflicts: list[Conflict] = []
        self._files: dict[str, tuple[str, bytes] | None] = {}
        self._partial: dict[str, bytes] = {}

    def plan(self) -> MergePlan:
        trail = None
        if self._wishes.settle and self._base:
            trail = Trail(self._repository, self._base, self._ours, self._theirs)
            for path in trail.deleted(self._paths.keys() - self._stages.keys()):
                self._files[path] = None
                self._kept.append(Kept(path, "you deleted it under the name that it had"))
        for path, stages in sorted(self._stages.items()):
            self._paths.setdefault(path, (stages.get(2), None))
            if trail and not self._wishes.removing and self._follow(trail, path, stages):
                continue
            self._take(path, self._settle(path, stages))
        return MergePlan(
            self._ours, self._theirs, self._label, self._tree, self._paths, self._changes(),
            tuple(self._settled), tuple(self._kept), tuple(self._conflicts), self._files, self._partial,
        )  # fmt: skip

    def _follow(self, trail: Trail, path: str, stages: Mapping[int, Entry]) -> bool:
        """Settle a file under the name that the template gave it; return whether that was to be done."""
        followed = trail.follow(path, stages)
        if followed is None or followed[0] in self._stages:
            return False
        new, new_stages = followed
        found = settle(self._repository, new, new_stages, self._label)
        if found is None or found.left:
            kind = f"{self._kind(path)}, the template renamed it to {new}"
            self._conflicts.append(Conflict(path, 1, kind))
            return True
        self._settled.append(SettledHunk(new, 1, f"followed from {path}"))
        self._settled += [SettledHunk(new, *hunk) for hunk in found.hunks if hunk[1] != REALIGNED]
        self._files[path], self._files[new] = None, found.file
        return True

    def _settle(self, path: str, stages: Mapping[int, Entry]) -> Settlement | None:
        if not self._wishes.settle:
            return None
        moved = past_picks(self._repository, path, stages, self._wishes.picked)
        return settle(
            self._repository, path, moved, self._label,
            rule=REALIGNED if moved == stages else PICKED, removing=self._wishes.removing,
        )  # fmt: skip

    def _take(self, path: str, found: Settlement | None) -> None:
        if found is None:
            self._conflicts.append(Conflict(path, 1, self._kind(path)))
            return
        self._settled += [SettledHunk(path, line, rule) for line, rule in found.hunks]
        if found.left:
            self._conflicts.append(Conflict(path, found.left, "content"))
            if found.hunks:
                self._partial[path] = found.content
            return
        self._files[path] = found.file
        if found.kept:
            self._kept.append(Kept(self._beside.wanted(path), found.kept))

    def _kind(self, path: str) -> str:
        note = self._kinds.get(path, "").removeprefix("CONFLICT (").rstrip(")")
        return note.replace("contents", "content") or "content"

    def _changes(self) -> tuple[Change, ...]:
        objects = self._repository.objects
        edited: set[str] = set()
        if self._base:
            base_tree = objects.commit(self._base).tree
            edited = {path for path, _, _ in objects.changes(base_tree, self._head_tree)}
        kept = {file.path for file in self._kept}
        held = {path for path in self._files if self._beside.wanted(path) in kept}
        held |= {file.path for file in self._conflicts}
        return tuple(
            Change(path, _change_kind(was, now, self._files.get(path, ())), path in edited)
            for path, (was, now) in sorted(self._paths.items())
            if path not in held and not (was is None and self._files.get(path, ()) is None)
        )


def _change_kind(was: Entry | None, now: Entry | None, settled: object) -> str:
    if was is None:
        return "added"
    return "removed" if now is None or settled is None else "updated"

"""Planning a merge: what it would do to each file, and which conflicts have one right answer. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from aegis_cli.git.graph import InMemoryMerge, merge_in_memory
from aegis_cli.git.linked_trees import is_checked_out
from aegis_cli.git.log import renames_between
from aegis_cli.git.objects import EXECUTABLE, LINK, REGULAR, SUBMODULE, TREE_MODE, Entry
from aegis_cli.git.repository import Repository
from aegis_cli.project import overlap
from aegis_cli.project.plan import Change, Conflict, Kept, MergePlan, Wishes
from aegis_cli.project.renames import Beside, Trail
from aegis_cli.project.settle import (
    PICKED,
    REALIGNED,
    Doubt,
    SettledHunk,
    Settlement,
    look_over,
    past_picks,
    settle,
)
from aegis_cli.project.state import is_some_state

_FILES = (REGULAR, EXECUTABLE)
_SHAPES = {LINK: "a link", TREE_MODE: "a folder", SUBMODULE: "a submodule"}
LEFT_ALONE = "aegis=keep: the template's change is left out"
NOT_BY_LINES = "git's attributes say that it is not merged by lines"


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
    label = theirs if is_checked_out(repository, vendor_ref) else vendor_ref
    merged = merge_in_memory(repository.git, ours, theirs)
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
        # What the attributes take out of merging by lines stays as git leaves it, whatever is in it.
        self._outside = repository.worktree.out_of_line_merging(self._stages)
        self._settled: list[SettledHunk] = []
        self._kept: list[Kept] = []
        self._conflicts: list[Conflict] = []
        self._files: dict[str, tuple[str, bytes] | None] = {}
        self._partial: dict[str, bytes] = {}
        self._disputed: dict[str, Mapping[int, Entry]] = {}
        self._doubts: list[Doubt] = []
        self._shared: dict[str, str] = {}

    def plan(self) -> MergePlan:
        trail = None
        if self._wishes.keep:
            self._leave_alone()
        if self._wishes.others:
            self._heed_others()
        if self._base:
            self._carry()
        if self._wishes.settle and self._base:
            trail = Trail(
                self._repository, self._base, self._ours, self._theirs, self._wishes.moved
            )
            for path in trail.deleted(
                self._paths.keys() - self._stages.keys() - self._files.keys()
            ):
                self._files[path] = None
                self._kept.append(Kept(path, "you deleted it under the name that it had"))
        for path, stages in sorted(self._stages.items()):
            self._paths.setdefault(path, (stages.get(2), None))
            shape = self._shape(trail, path, stages)
            if shape:
                self._conflicts.append(Conflict(path, 1, shape))
                continue
            if trail and not self._wishes.removing and self._follow(trail, path, stages):
                continue
            self._take(path, self._settle(path, stages))
        self._look_over()
        return MergePlan(
            self._ours, self._theirs, self._label, self._tree, self._paths, self._changes(),
            tuple(self._settled), tuple(self._kept), tuple(self._conflicts), self._files, self._partial,
            self._disputed, tuple(self._doubts), self._shared,
        )  # fmt: skip

    def _leave_alone(self) -> None:
        """Leave files as the user has them where git's attributes say so; also what they are called upstream now."""
        objects = self._repository.objects
        if not self._base:
            for path in self._repository.worktree.left_alone(self._stages):
                self._leave(path, self._stages[path].get(2), LEFT_ALONE)
            return
        touched = {p for p in (*self._paths, *self._stages) if self._is_a_users(p)}
        alone = self._repository.worktree.left_alone(touched)
        if not alone:
            return
        renames = self._renames()
        former = {new: old for old, new in renames.items()}
        for path in sorted(alone):
            entry = objects.entry(self._head_tree, path)
            if entry is None or entry[0] != SUBMODULE:
                self._leave(path, entry, LEFT_ALONE)
            new, old = renames.get(path), former.get(path)
            if entry and new in touched and not objects.entry(self._head_tree, new):
                self._leave(new, None, f"the template's new name for {path}: aegis=keep")
            if not entry and old and (here := objects.entry(self._head_tree, old)):
                self._leave(old, here, f"its new name is {path}: aegis=keep")

    def _heed_others(self) -> None:
        """Keep what other templates of the project brought from what git takes for a change of this one's.

        git tells renames by likeness: where the user has deleted a file of this template's, one of another's that is
        like it gets its changes; and where this one renames a folder, what another brought into it moves along. Neither
        is meant. What both bring is theirs in common, and is never settled by a rule when it comes.
        """
        found = overlap.look(
            self._repository, self._base, self._theirs, self._wishes.others,
            {
                path: self._beside.wanted(path)
                for path in (*self._paths, *self._stages)
                if path not in self._files
            },
        )  # fmt: skip
        for path, why in found.left.items():
            entry = self._repository.objects.entry(self._head_tree, path)
            if entry is None or entry[0] in (*_FILES, LINK):
                self._leave(path, entry, why)
        for path in overlap.moved_along(self._repository, self._theirs, self._paths, found.left):
            self._files[path] = None
        for path, why in found.disputed.items():
            stages = self._stages.pop(path, None)
            if stages:
                self._paths.setdefault(path, (stages.get(2), None))
                self._conflicts.append(Conflict(path, 1, why))
        waiting = {conflict.path for conflict in self._conflicts}
        self._shared = {p: name for p, name in found.shared.items() if p not in waiting}

    def _renames(self) -> dict[str, str]:
        """Return what the template renamed, and what of the user's git would move along with a folder."""
        objects = self._repository.objects
        base = objects.files_at(self._base or "")
        come = {
            (PurePosixPath(path).name, now[1]): path
            for path, (was, now) in self._paths.items()
            if was is None and now is not None
        }
        along = {
            path: come[PurePosixPath(path).name, was[1]]
            for path, (was, now) in self._paths.items()
            if was is not None
            and now is None
            and path not in base
            and (PurePosixPath(path).name, was[1]) in come
        }
        renamed = dict(renames_between(self._repository, self._base or "", self._theirs))
        return {**along, **renamed, **self._wishes.moved}

    def _is_a_users(self, path: str) -> bool:
        """Return whether a path is one of the project's own, and no state of aegis nor a name that git made up."""
        return not is_some_state(path) and self._beside.wanted(path) == path

    def _leave(self, path: str, entry: Entry | None, why: str) -> None:
        stages = self._stages.pop(path, {})
        self._paths.setdefault(path, (stages.get(2), None))
        self._files[path] = entry and (entry[0], self._repository.objects.blob(entry[1]))
        if path not in {kept.path for kept in self._kept}:
            self._kept.append(Kept(path, why))

    def _carry(self) -> None:
        """Carry the user's changes to the names that new answers give files, wherever git took them.

        git tells renames by likeness alone: of an empty file, of one that is much its name, and of several that are
        alike it cannot. Here each name before is known with its name after.
        """
        objects, ours = self._repository.objects, self._head_tree
        base, theirs = (objects.commit(c).tree for c in (self._base or "", self._theirs))
        outside = self._repository.worktree.out_of_line_merging(set(self._wishes.moved.values()))
        for old, new in sorted(self._wishes.moved.items()):
            sides = {
                stage: entry
                for stage, tree, path in ((1, base, old), (2, ours, old), (3, theirs, new))
                if (entry := objects.entry(tree, path))
            }
            if {old, new} & self._files.keys():
                continue
            if len(sides) < 3 or objects.entry(ours, new) or objects.entry(theirs, old):
                continue
            if old not in self._stages and self._stages.get(new) == sides:
                continue  # git has found it, and it is a conflict like any other
            if new not in outside:
                self._carry_one(old, new, sides)

    def _carry_one(self, old: str, new: str, sides: Mapping[int, Entry]) -> None:
        untouched = sides[1] == sides[2]
        found = (
            Settlement((), sides[3][0], self._repository.objects.blob(sides[3][1]))
            if untouched
            else settle(self._repository, new, sides, self._label)
        )
        if found is None:
            return
        git_has = None if {old, new} & self._stages.keys() else self._in_merged_tree(new)
        if git_has is not None and git_has == found.file:
            return
        told = [hunk for hunk in found.hunks if hunk.rule != REALIGNED]
        if not self._wishes.settle and (git_has is None or told):
            return  # what git could not settle, and what a rule would, is left to the user
        for path in (old, new):
            stages = self._stages.pop(path, {})
            self._paths.setdefault(path, (stages.get(2), None))
        self._files[old] = None
        self._settled += told
        self._doubts += found.doubts
        if found.left:
            self._conflicts.append(Conflict(new, found.left, f"content, renamed from {old}"))
            self._disputed[new], self._partial[new] = sides, found.content
            return
        self._files[new] = found.file
        if not untouched:
            self._settled.append(SettledHunk(new, 1, f"followed from {old}"))

    def _in_merged_tree(self, path: str) -> tuple[str, bytes] | None:
        entry = self._repository.objects.entry(self._tree, path)
        return entry and (entry[0], self._repository.objects.blob(entry[1]))

    def _look_over(self) -> None:
        """Look at the files that both sides changed and git merges by itself."""
        for path, stages, merged in self._merged_by_git():
            moved = past_picks(self._repository, path, stages, self._wishes.picked)
            is_moved = moved.get(1) != stages[1]
            found = look_over(
                self._repository, path, moved, merged, self._label, after_picks=is_moved
            )
            if found is None:
                continue
            self._doubts += found.doubts
            if found.hunks and self._wishes.settle:
                self._settled += found.hunks
                self._files[path] = found.file
            elif found.left or found.hunks:
                why = "your change and the template's may not fit together"
                self._conflicts.append(Conflict(path, found.left or 1, why))
                self._disputed[path] = stages
                self._partial[path] = found.content

    def _merged_by_git(self) -> Iterator[tuple[str, Mapping[int, Entry], Entry]]:
        if not self._base:
            return
        objects = self._repository.objects
        trees = [objects.commit(commit).tree for commit in (self._base, self._theirs)]
        found: dict[str, tuple[Mapping[int, Entry], Entry]] = {}
        for path, (ours, merged) in self._paths.items():
            if not (ours and merged) or path in self._stages or path in self._files:
                continue
            base, theirs = (objects.entry(tree, path) for tree in trees)
            if base and theirs and base not in (ours, theirs) and merged not in (ours, theirs):
                found[path] = {1: base, 2: ours, 3: theirs}, merged
        outside = self._repository.worktree.out_of_line_merging(found)
        for path, (stages, merged) in found.items():
            if path not in outside:
                yield path, stages, merged

    def _shape(self, trail: Trail | None, path: str, stages: Mapping[int, Entry]) -> str:
        """Return what the user made of a file that is no file any more; empty where there is no such thing.

        That is no deletion: the template's version stays in the index, for the user to look at.
        """
        was = stages.get(1) or (set(stages) == {2} and self._before(path))
        if not was or was[0] not in _FILES:
            return ""
        if set(stages) == {2}:
            shape = _SHAPES.get(stages[2][0])
            return f"you made it {shape}, and for the template it is a file" if shape else ""
        what = "changed it" if 3 in stages else "deleted it"
        for name in (self._beside.wanted(path), *(trail.old_names(path) if trail else ())):
            entry = self._repository.objects.entry(self._head_tree, name)
            if entry and entry[0] in _SHAPES:
                of = "it" if name == path else name
                return f"you made {of} {_SHAPES[entry[0]]}, and the template {what}"
        return ""

    def _before(self, path: str) -> Entry | None:
        objects = self._repository.objects
        return objects.entry(objects.commit(self._base).tree, path) if self._base else None

    def _follow(self, trail: Trail, path: str, stages: Mapping[int, Entry]) -> bool:
        """Settle a file under the name that the template gave it; return whether that was to be done."""
        followed = trail.follow(path, stages)
        if followed is None or followed[0] in self._stages:
            return False
        new, new_stages = followed
        outside = self._repository.worktree.out_of_line_merging([new])
        found = None if outside else settle(self._repository, new, new_stages, self._label)
        if found is None or found.left:
            kind = f"{self._kind(path)}, the template renamed it to {new}"
            self._conflicts.append(Conflict(path, 1, kind))
            return True
        self._settled.append(SettledHunk(new, 1, f"followed from {path}"))
        self._settled += [hunk for hunk in found.hunks if hunk.rule != REALIGNED]
        self._files[path], self._files[new] = None, found.file
        return True

    def _settle(self, path: str, stages: Mapping[int, Entry]) -> Settlement | None:
        if not self._wishes.settle:
            return None
        moved = past_picks(self._repository, path, stages, self._wishes.picked)
        sides = moved.get(2), moved.get(3)
        if path in self._outside and all(sides) and moved.get(1) not in sides:
            return None
        return settle(
            self._repository, path, moved, self._label,
            rule=REALIGNED if moved == stages else PICKED, removing=self._wishes.removing,
        )  # fmt: skip

    def _take(self, path: str, found: Settlement | None) -> None:
        if found is None:
            self._conflicts.append(Conflict(path, 1, self._kind(path)))
            return
        self._settled += found.hunks
        self._doubts += found.doubts
        if found.left:
            self._conflicts.append(Conflict(path, found.left, "content"))
            if found.hunks:
                self._partial[path] = found.content
            return
        self._files[path] = found.file
        if found.kept:
            self._kept.append(Kept(self._beside.wanted(path), found.kept))

    def _kind(self, path: str) -> str:
        if path in self._outside:
            return NOT_BY_LINES
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

"""A merge that is planned: what it will do to each file, and how it was wished for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aegis_cli.git.objects import Entry
from aegis_cli.project.settle import (
    Doubt,
    SettledHunk,
)


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
class Kept:
    """A file that stays as the user has it, and why.

    Attributes:
        path: The file.
        reason: Why.
    """

    path: str
    reason: str


@dataclass(frozen=True)
class Conflict:
    """A file that waits for the user: how many hunks, or what kind of conflict.

    Attributes:
        path: The file.
        hunks: How many hunks are left; 1 where it is in conflict as a whole.
        kind: What kind of conflict: `content`, or what happened to the file as a whole.
    """

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
        disputed: Files that git merges by itself, and that are conflicts all the same: {path: stages}.
        doubts: What came from both sides, at two places, and may be meant once.
        shared: Files that this merge changes or begins to bring, and another template of the project brings, too:
            {path: what that is called}.
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
    disputed: Mapping[str, Mapping[int, Entry]]
    doubts: tuple[Doubt, ...]
    shared: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wishes:
    """How a merge is to be planned.

    Attributes:
        settle: Settle conflicts that have one right answer.
        removing: It only takes out what components had brought: what the user changed or put beside it stays.
        picked: Vendor commits among those to merge that the user has already, as cherry-picks.
        moved: Files that new answers give another name: {name before: name after}.
        keep: Heed `aegis=keep` in git's attributes.
        others: What the project's other templates brought: {path: what the template is called}.
    """

    settle: bool = True
    removing: bool = False
    picked: Sequence[str] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    keep: bool = True
    others: Mapping[str, str] = field(default_factory=dict)

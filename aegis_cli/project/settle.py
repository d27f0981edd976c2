"""Settling a file in conflict: what has one right answer. Everything else is the user's to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aegis_cli.git.objects import EXECUTABLE, REGULAR, Entry
from aegis_cli.git.repository import Repository
from aegis_cli.project.state import FOLDER

REALIGNED = "lines aligned otherwise"
PICKED = "picked before"


@dataclass(frozen=True)
class Settlement:
    """What settling a file gave.

    Attributes:
        hunks: (line, rule) of what was settled.
        mode: The file's mode; empty for a file that is to go.
        content: Its content; with conflict markers where hunks are left.
        left: How many hunks are left to the user.
        kept: Why the user's file stays as it is; empty where it does not.
    """

    hunks: tuple[tuple[int, str], ...] = ()
    mode: str = ""
    content: bytes = b""
    left: int = 0
    kept: str = ""

    @property
    def file(self) -> tuple[str, bytes] | None:
        """(mode, content), or None for a file that is to go."""
        return (self.mode, self.content) if self.mode else None


def settle(
    repository: Repository,
    path: str,
    stages: Mapping[int, Entry],
    label: str,
    *,
    rule: str = REALIGNED,
    removing: bool = False,
) -> Settlement | None:
    """Settle one file, or return None where only the user can tell.

    Args:
        repository: Where the blobs are.
        path: The file.
        stages: {1 base, 2 ours, 3 theirs: (mode, id)}, those that there are.
        label: What their side is called in conflict markers.
        rule: What settles a file that merges without a conflict when looked at this way.
        removing: They only take out what components had brought: a file that they drop and the user changed stays.
    """
    objects = repository.objects
    base, ours, theirs = stages.get(1), stages.get(2), stages.get(3)
    if f"/{FOLDER}/" in f"/{path}":
        hunks = ((1, "state of aegis"),)
        return (
            Settlement(hunks, theirs[0], objects.blob(theirs[1])) if theirs else Settlement(hunks)
        )
    if base and theirs and not ours:
        return Settlement(kept="you deleted it, and the template changed it")
    if base and ours and not theirs:
        if base == ours:
            return Settlement(((1, rule),))
        if not removing:
            return None
        reason = "you changed it: delete it when you are done with it"
        return Settlement((), ours[0], objects.blob(ours[1]), kept=reason)
    if not (ours and theirs) or {ours[0], theirs[0]} - {REGULAR, EXECUTABLE}:
        return None
    mode = theirs[0] if base and base[0] == ours[0] else ours[0]
    sides = (base, ours, theirs)
    return _settle_lines(repository, path, sides, mode, label, rule, removing=removing)


def _settle_lines(
    repository: Repository,
    path: str,
    sides: tuple[Entry | None, Entry, Entry],
    mode: str,
    label: str,
    rule: str,
    *,
    removing: bool,
) -> Settlement:
    from aegis_cli.merging.resolve import resolve

    base, ours, theirs = (side and repository.objects.blob(side[1]) for side in sides)
    resolution = resolve(
        path, base, ours or b"", theirs or b"", labels=("HEAD", "base", label), removing=removing
    )
    hunks = tuple((hunk.line, hunk.rule) for hunk in resolution.settled)
    if not hunks and not resolution.conflicts:
        hunks = ((1, rule),)
    return Settlement(hunks, mode, resolution.content, resolution.conflicts)


def past_picks(
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

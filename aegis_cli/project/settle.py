"""Settling a file in conflict: what has one right answer. Everything else is the user's to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aegis_cli.errors import suggestion
from aegis_cli.git.objects import EXECUTABLE, REGULAR, Entry
from aegis_cli.git.repository import Repository
from aegis_cli.project.state import is_some_state

if TYPE_CHECKING:
    from aegis_cli.merging.resolve import Resolution, Settled

REALIGNED = "lines aligned otherwise"
PICKED = "picked before"
MOVED = "you only moved it"


@dataclass(frozen=True)
class SettledHunk:
    """A conflict with one right answer.

    Attributes:
        path: The file.
        line: The line in the merged file.
        rule: The rule.
        yours: What only the user brought (`+`) or took away (`-`).
        template: What only the template did.
        both: What both did.
        dropped: What one of them had brought, and is not there now.
    """

    path: str
    line: int
    rule: str
    yours: tuple[str, ...] = ()
    template: tuple[str, ...] = ()
    both: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Doubt:
    """Something that came from both sides, at two places, and that may be meant once.

    Attributes:
        path: The file.
        line: Where it stands for the second time.
        text: What is there twice.
    """

    path: str
    line: int
    text: str


@dataclass(frozen=True)
class Settlement:
    """What settling a file gave.

    Attributes:
        hunks: What was settled.
        mode: The file's mode; empty for a file that is to go.
        content: Its content; with conflict markers where hunks are left.
        left: How many hunks are left to the user.
        kept: Why the user's file stays as it is; empty where it does not.
        doubts: What stands twice, and may be meant once.
    """

    hunks: tuple[SettledHunk, ...] = ()
    mode: str = ""
    content: bytes = b""
    left: int = 0
    kept: str = ""
    doubts: tuple[Doubt, ...] = ()

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
    if is_some_state(path):
        hunks = (SettledHunk(path, 1, "state of aegis"),)
        return (
            Settlement(hunks, theirs[0], objects.blob(theirs[1])) if theirs else Settlement(hunks)
        )
    if base and theirs and not ours:
        return Settlement(kept="you deleted it, and the template changed it")
    if base and ours and not theirs:
        if base == ours:
            return Settlement((SettledHunk(path, 1, MOVED if rule == REALIGNED else rule),))
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
        path, base, ours or b"", theirs or b"", labels=("HEAD", "base", label), removing=removing,
        without=switched_off(repository),
    )  # fmt: skip
    hunks = tuple(_told(path, hunk) for hunk in resolution.settled)
    if not hunks and not resolution.conflicts:
        hunks = (SettledHunk(path, 1, rule),)
    doubts = _doubts(path, resolution)
    return Settlement(hunks, mode, resolution.content, resolution.conflicts, doubts=doubts)


def look_over(
    repository: Repository,
    path: str,
    stages: Mapping[int, Entry],
    merged: Entry,
    label: str,
    *,
    after_picks: bool,
) -> Settlement | None:
    """Look over a file that both sides changed and git merged by itself; None where it is right.

    Args:
        repository: Where the blobs are.
        path: The file.
        stages: {1 base, 2 ours, 3 theirs: (mode, id)}.
        merged: What git made of them.
        label: What their side is called in conflict markers.
        after_picks: The base is moved past picks; git knew another.
    """
    from aegis_cli.merging import resolve

    if {entry[0] for entry in (*stages.values(), merged)} - {REGULAR, EXECUTABLE}:
        return None
    base, ours, theirs, made = (
        repository.objects.blob(entry[1]) for entry in (stages[1], stages[2], stages[3], merged)
    )
    labels = ("HEAD", "base", label)
    found = resolve.look_over(
        path, base, ours, theirs, made, labels=labels, from_elsewhere=after_picks,
        without=switched_off(repository),
    )  # fmt: skip
    if found is None:
        return None
    doubts = _doubts(path, found)
    hunks: tuple[SettledHunk, ...] = ()
    if not found.conflicts and found.content != made:
        told = tuple(_told(path, hunk) for hunk in found.settled)
        hunks = told or (SettledHunk(path, 1, PICKED if after_picks else REALIGNED),)
    return Settlement(hunks, merged[0], found.content, found.conflicts, doubts=doubts)


def switched_off(repository: Repository) -> frozenset[str]:
    """The rules that are not to answer, by `git config aegis.settle.RULE false` or `true`, hyphens for blanks."""
    from aegis_cli.merging.settlement import ON_DEMAND

    chosen = {
        name.replace("-", " "): value.lower()
        for name, value in repository.settings("aegis.settle").items()
    }
    off = {name for name, value in chosen.items() if value in ("false", "no", "off", "0")}
    on = {name for name, value in chosen.items() if value in ("true", "yes", "on", "1")}
    return frozenset(off | (ON_DEMAND - on))


def unknown_rules(repository: Repository) -> tuple[str, ...]:
    """Return what is to be said of settings `aegis.settle.NAME` that name no rule."""
    names = repository.settings("aegis.settle")
    if not names:
        return ()
    from aegis_cli.merging.settlement import RULES

    known = [rule.replace(" ", "-") for rule in RULES]
    return tuple(
        f"The setting aegis.settle.{name} does nothing: no rule is called so.{suggestion(name, known)}"
        f" There are: {', '.join(known)}"
        for name in names
        if name not in known
    )


def _told(path: str, hunk: Settled) -> SettledHunk:
    review = hunk.review
    parts = (review.ours, review.theirs, review.both, review.dropped)
    return SettledHunk(path, hunk.line, hunk.rule, *(tuple(map(_text, part)) for part in parts))


def _doubts(path: str, resolution: Resolution) -> tuple[Doubt, ...]:
    return tuple(Doubt(path, doubt.line, _text(doubt.text)) for doubt in resolution.doubts)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r\n")


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

"""One hunk in its surroundings, and whether an answer to it is sound.

Sound means that every line keeps what it was written for: its parent, the line that leads to it,
and for a comment or a decorator the line that it speaks of.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, groupby
from typing import NamedTuple

from aegis_cli.merging.diff3 import Change, Hunk
from aegis_cli.merging.formats import PROGRAMS, PROSE, Format
from aegis_cli.merging.likeness import SAME, likeness
from aegis_cli.merging.line import Line, has_word, level
from aegis_cli.merging.names import share_a_name
from aegis_cli.merging.outline import Outline, Scope, Stack

# How far behind a hunk its effect on the parents of lines is followed.
_HORIZON = 200
# How far in front of a hunk the line is looked for that leads to it.
_LEAD = 20

# Text whose lines run in their order.
_IN_ORDER = PROGRAMS | {Format.MAKE, Format.DOCKER, Format.SHELL}

_MARKED = re.compile(rb"(?:[-*+]|\d+[.)])\s")
_REMARK = re.compile(rb"\s(?:#|//).*$")


class Case:
    """One hunk with its surroundings, as lines that know which side brought them.

    Attributes:
        hunk: The hunk itself.
        ours: Its lines after the changes of our side.
        theirs: Its lines after the changes of their side.
        our_scopes: What each line of `ours` belongs to.
        their_scopes: What each line of `theirs` belongs to.
    """

    def __init__(
        self, base: Sequence[bytes], hunk: Hunk, outline: Outline, stack: Stack | None
    ) -> None:
        """Place a hunk.

        Args:
            base: The lines that both sides started from.
            hunk: Where both sides changed them.
            outline: Tells the parents of lines in this kind of file.
            stack: What is open in front of the hunk.
        """
        self.hunk = hunk
        self._base = base
        self._outline = outline
        self._stack = stack
        self.kind = outline.kind
        self._before = [Line(text, None) for text in base[max(hunk.start - _LEAD, 0) : hunk.start]]
        self._kept = [Line(base[i], i) for i in range(hunk.start, hunk.end)]
        self._after = list(_surroundings(base, hunk.end))
        self._brought = {(change, 2): _new_lines(base, change, 2) for change in hunk.theirs}
        self._brought |= {(change, 1): _new_lines(base, change, 1) for change in hunk.ours}
        # What both brought is one thing: ours.
        self._brought |= {(c, 2): self._brought[c, 1] for c in hunk.theirs if c in hunk.ours}
        self.ours = self._view([(change, 1) for change in hunk.ours])
        self.theirs = self._view([(change, 2) for change in hunk.theirs])
        self._base_scopes = self.scopes(self._kept)
        self.our_scopes = self.scopes(self.ours)
        self.their_scopes = self.scopes(self.theirs)

    def opener(self, scope: Scope) -> bytes:
        """The line that is the parent of what belongs to a scope; empty at the top of the file."""
        return self._outline.opener(scope)

    @property
    def is_insertion(self) -> bool:
        """Whether both sides only inserted, at one place."""
        return self.hunk.start == self.hunk.end

    def with_changes(self, ours: tuple[Change, ...], theirs: tuple[Change, ...]) -> Case:
        """The same hunk, its changes cut in another way."""
        hunk = replace(self.hunk, ours=ours, theirs=theirs)
        return Case(self._base, hunk, self._outline, self._stack)

    def front(self) -> Sequence[bytes]:
        """The lines of base in front of the hunk."""
        return self._base[: self.hunk.start]

    def behind(self) -> Sequence[Line]:
        """The lines of base behind the hunk, up to the first at the margin."""
        return self._after

    def versions(self) -> Iterator[list[Line]]:
        """The hunk's lines in every version, each with the one behind it."""
        after = [line for line in self._after if not line.is_blank][:1]
        return (([*lines, *after]) for lines in (self._kept, self.ours, self.theirs))

    def base(self, change: Change) -> Sequence[bytes]:
        """The base lines that a change replaces."""
        return self._base[change.start : change.end]

    def brought(self, change: Change, side: int) -> list[Line]:
        """The lines that a change brought; always the same objects."""
        return self._brought[change, side]

    def may_have_kept(self, change: Change, place: int) -> bool:
        """Whether the line beside a deletion of statements may be one from the other side of a place in it.

        Where that line reads like one that is gone, nobody knows which of the two was kept.
        """
        base, start, end = self._base, change.start, change.end
        if change.lines or not start <= place <= end or self.kind not in _IN_ORDER:
            return False
        behind = next(filter(has_word, base[end : end + _LEAD]), None)
        front = next(filter(has_word, reversed(base[max(start - _LEAD, 0) : start])), None)
        return behind in base[start:place] or front in base[place:end]

    def is_edited(self, was: bytes, now: bytes) -> bool:
        """Whether a line is another one in other words, and does not only stand in its place."""
        return share_a_name(was, now, self.kind) or likeness(was.strip(), now.strip()) >= SAME

    def merged(self) -> list[Line]:
        """The hunk's lines after the changes of both sides, which must not overlap."""
        parts = [(change, 1) for change in self.hunk.ours]
        parts += [(change, 2) for change in self.hunk.theirs if change not in self.hunk.ours]
        return self._view(sorted(parts))

    def _view(self, parts: list[tuple[Change, int]]) -> list[Line]:
        lines: list[Line] = []
        position = self.hunk.start
        for change, side in parts:
            lines += self._keep(position, change.start)
            lines += self._brought[change, side]
            position = change.end
        return lines + self._keep(position, self.hunk.end)

    def _keep(self, start: int, end: int) -> list[Line]:
        return self._kept[start - self.hunk.start : end - self.hunk.start]

    def scopes(self, lines: list[Line]) -> dict[Line, Scope]:
        """What each line belongs to if the hunk reads so."""
        return self._outline.scopes(lines + self._after, self._stack)

    def is_sound(self, merged: list[Line], ours: list[Line], theirs: list[Line]) -> bool:
        """Whether every line still stands where it was written for.

        Args:
            merged: The answer: lines of the two versions below.
            ours: Our version of the hunk.
            theirs: Their version of the hunk.
        """
        return (
            self._keeps_parents(merged, self.scopes(ours), self.scopes(theirs))
            and self._keeps_neighbours(merged, ours, 1)
            and self._keeps_neighbours(merged, theirs, 2)
            and (self.kind not in PROSE or self._keeps_kinds(merged, ours, theirs))
            and (self._has_children(merged) or not self._has_children(ours, theirs))
        )

    def _has_children(self, *versions: list[Line]) -> bool:
        """Whether the line in front of the hunk is a parent in each of the versions."""
        front = next((line for line in reversed(self._before) if not line.is_blank), None)
        if front is None:
            return False
        below = [
            next((line for line in (*lines, *self._after) if not line.is_blank), front)
            for lines in versions
        ]
        return all(level(line.text) > level(front.text) for line in below)

    def _keeps_parents(
        self, merged: list[Line], ours: dict[Line, Scope], theirs: dict[Line, Scope]
    ) -> bool:
        for line, scope in self.scopes(merged).items():
            base = self._base_scopes.get(line)
            if line.side == 1 or (line.side == 0 and theirs[line] == base):
                expected = ours[line]
            elif line.side == 2 or ours[line] in (base, theirs[line]):
                expected = theirs[line]
            else:  # each side gave the line another parent
                return False
            if scope != expected:
                return False
        return True

    def _keeps_neighbours(self, merged: list[Line], own: list[Line], side: int) -> bool:
        was = _neighbours([*self._before, *own, *self._after])
        now = _neighbours([*self._before, *merged, *self._after])
        for line in merged:
            if line.side != side or line.is_blank:
                continue
            (joint_was, target_was), (joint_now, target_now) = was[line], now[line]
            if target_was is not None and target_was != target_now:
                return False
            if "\\" in (joint_was, joint_now) and joint_was != joint_now:
                return False
            if joint_was in (",", "(") and joint_now not in (",", "("):
                return False
        return True

    def _keeps_kinds(self, merged: list[Line], ours: list[Line], theirs: list[Line]) -> bool:
        """Whether table rows, list items and paragraphs follow what they followed on a side.

        A row behind a paragraph is no row any more, an item behind one belongs to it, two paragraphs
        without a blank line in between are one, and a row that came into one table is out of place
        in the next.
        """
        own = [_in_blocks(self._before, lines, self._after) for lines in (ours, theirs)]
        now = _in_blocks(self._before, merged, self._after)
        sides = {0: own, 1: own[:1], 2: own[1:]}
        return all(
            any(place.is_as(places[line], places) for places in sides[line.side])
            for line, place in now.items()
        )


class _Place(NamedTuple):
    """Where a line of prose stands.

    Attributes:
        kinds: What kind of line is in front, and what this one is.
        first: The first line of its block.
        old: The lines of the block that stood there before.
    """

    kinds: str
    first: Line
    old: frozenset[Line]

    def is_as(self, other: _Place, others: Mapping[Line, _Place]) -> bool:
        """Whether it is the place that it was among others: in the block that has what is left of the old lines."""
        if self.kinds != other.kinds or not self.old & others.keys() <= other.old:
            return False
        return bool(self.old & other.old) if other.old else self.first is other.first


def _in_blocks(*groups: list[Line]) -> dict[Line, _Place]:
    """The place of each line that is not blank.

    In a list that goes on, it does not matter whether an item is the first.
    """
    found: dict[Line, _Place] = {}
    for is_blank, run in groupby(chain(*groups), key=lambda line: line.is_blank):
        if is_blank:
            continue
        block = list(run)
        old = frozenset(line for line in block if not line.side)
        kinds = ["item" if old and _kind(block[0].text) == "item" else "blank"]
        kinds += [_kind(line.text) for line in block]
        for front, line in zip(kinds, block, strict=False):
            found[line] = _Place(front + _kind(line.text), block[0], old)
    return found


def _kind(text: bytes) -> str:
    word = text.strip()
    if word.startswith(b"|"):
        return "row"
    if _MARKED.match(word):
        return "item"
    return "code" if text.startswith((b"    ", b"\t")) else "text"


def _new_lines(base: Sequence[bytes], change: Change, side: int) -> list[Line]:
    """A change's lines.

    Where lines were edited one for one, a line that still declares what its base line did is the
    same parent: `def f(x)` and `def f(x, y)` are, `web:` and `api:` are not.
    """
    lines = [Line(text, text.strip(), side) for text in change.lines]
    if change.growth == 0:
        for position, line in enumerate(lines, change.start):
            if share_a_name(base[position], line.text):
                line.name = position
    return lines


def _surroundings(base: Sequence[bytes], start: int) -> Iterator[Line]:
    """The lines behind a hunk, up to the first at the margin: parents cannot change behind it."""
    for position in range(start, min(start + _HORIZON, len(base))):
        line = Line(base[position], position)
        yield line
        if not line.is_blank and level(line.text) == 0:
            return


def _neighbours(lines: list[Line]) -> dict[Line, tuple[str, Hashable]]:
    """For each line, how the one in front leads to it, and which it speaks of (comments do)."""
    joints: list[str] = []
    joint = ""
    for line in lines:
        joints.append(joint)
        if not line.is_blank and not line.is_comment:
            joint = _joint(line.text)
    targets: list[Hashable] = []
    following: Line | None = (
        None  # the next line, and the next that is no comment; blank lines end the search
    )
    spoken_of: Line | None = None
    for line in reversed(lines):
        target = None
        if line.is_decorator:
            target = following
        elif line.is_comment and spoken_of and level(line.text) <= level(spoken_of.text):
            target = spoken_of
        targets.append(target.name if target else None)
        following = None if line.is_blank else line
        spoken_of = spoken_of if line.is_comment else following
    return dict(zip(lines, zip(joints, reversed(targets), strict=True), strict=True))


def _joint(text: bytes) -> str:
    """How a line leads to the next: continued, in a list, opening one, or not at all."""
    end = _REMARK.sub(b"", text.rstrip()).rstrip()[-1:]
    return {b"\\": "\\", b",": ",", b"(": "(", b"[": "("}.get(end, "")

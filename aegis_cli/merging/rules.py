"""The rules by which one hunk is settled, and what speaks against settling it.

Each rule answers only where its answer is the only right one, and says in one sentence when that is
so; every doubt leaves the hunk a conflict, for a wrong merge is worse than one:

* **both inserted** keeps both sides' lines: both only inserted, at one place, balanced lines that
  name nothing alike, whose order means nothing, each line keeps its parent and its neighbour, and a statement that
  one side moved there stays on the side of the other's lines on which the other side has it.
* **touching edits** applies both: each base line was changed by one side only (or by both alike),
  nothing was put beside what the other side took away, moved or replaced, and what both brought could as well have
  been inserted at one place; where theirs only takes out, no statement is left beside that which reads like one that
  goes from the other side of ours.
* **contained** keeps the larger change: the other side has brought the same lines to the same place, replacing the
  same base lines (edited one for one, under their names if more came), or has taken the same lines away and put them
  nowhere else under any name, nothing that one side deleted was edited by the other, and nothing more was brought by it
  at another place.
* **same change** applies what both did alike once, beside what one of the rules above answers.
* **imports** merges statements that do nothing but import, and a line that only lists names (`.PHONY`, what JavaScript
  imports from one module), as sets of names: each name is taken away by one side at most and then in no new line of the
  other, and none is given twice.
* **higher requirement** takes the higher version where both raised one requirement and changed nothing else of it, and
  answers the rest of the hunk by the rules above: only for those who ask for it, for it is a policy.

And none of them answers a hunk in front of which the two sides have other parents, or of which one side brought a line
here that the other brought at another place.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from aegis_cli.merging import order, statements
from aegis_cli.merging.case import Case
from aegis_cli.merging.contained import contained
from aegis_cli.merging.cutting import edits_apart, shared_apart
from aegis_cli.merging.diff3 import Change, Hunk, Lines, changes, replay
from aegis_cli.merging.edits import touching_edits
from aegis_cli.merging.formats import PROGRAMS, PROSE, Format
from aegis_cli.merging.imports import are_imports, merge_imports, merge_names
from aegis_cli.merging.insertions import both_inserted
from aegis_cli.merging.likeness import SAME, likeness
from aegis_cli.merging.line import CLOSERS, Line, has_word, level
from aegis_cli.merging.line_endings import Texts
from aegis_cli.merging.names import bare, value
from aegis_cli.merging.outline import Outline, parent_at
from aegis_cli.merging.raised import raise_both
from aegis_cli.merging.settlement import HIGHER, IMPORTS, Settlement
from aegis_cli.merging.strings import is_in_string
from aegis_cli.merging.tally import moved

# Shorter lines may well be brought by both: `pass`, `fi`, `end`.
_TELLING = 6


class Rules:
    """Settles the hunks of one file."""

    def __init__(
        self, outline: Outline, texts: Texts, *, added: bool = False, removing: bool = False
    ) -> None:
        """Prepare for the hunks of a merge.

        Args:
            outline: Tells the parents of lines in this kind of file.
            texts: The three versions.
            added: Whether there was no file to start from. Two files that were written apart
                are not two insertions at one place: they are never put one behind the other. Nor is the longer
                one kept: the shorter may be a copy of it, out of which somebody took what they did not want.
            removing: Whether theirs only takes out what a component had brought: what ours put beside
                that is not a part of it.
        """
        self._texts = texts
        self._base = texts.base
        self._added = added
        self._removing = removing
        self._outline = outline
        self._moved = moved(texts.base, texts.ours) | moved(texts.base, texts.theirs)
        self._recurring = outline.recurring(texts.base)
        # Nobody knows with which ending the new lines of the side go on that has the old one.
        self._has_two_endings = texts.have_two_endings

    def settle(self, hunk: Hunk) -> Settlement | None:
        """Answer one hunk, or None where it has no one right answer."""
        if self._has_two_endings:
            return None
        cut = partial(edits_apart, self._base, kind=self._outline.kind)
        ours, theirs = shared_apart(
            self._base, cut(hunk.ours), cut(hunk.theirs), self._outline.kind
        )
        hunk = replace(hunk, ours=ours, theirs=theirs)
        return self._answer(hunk) or self._raised(hunk)

    def _raised(self, hunk: Hunk) -> Settlement | None:
        """Answer a hunk as if both sides had raised their requirements to the same versions."""
        raised = raise_both(self._base, hunk, self._outline.kind)
        answer = self._answer(raised) if raised else None
        return answer and replace(answer, rules=((0, HIGHER), *answer.rules))

    def _answer(self, hunk: Hunk) -> Settlement | None:
        case = Case(self._base, hunk, self._outline, self._outline.stack(self._base, hunk.start))
        if not self._has_one_front(hunk, case):
            return None
        if hunk.ours == hunk.theirs:  # no more is left of it
            return Settlement(replay(self._base, hunk.start, hunk.end, hunk.ours), ())
        texts = self._texts
        was = texts.base[hunk.start : hunk.end]
        mine, yours = hunk.sides(texts.base)
        sides = (was, mine, yours) if was else (mine, yours)
        names = merge_names(self._outline.kind, was, mine, yours)
        if names is not None:
            return Settlement(names, ((0, IMPORTS),))
        if (
            self._outline.kind is Format.PYTHON
            and all(map(are_imports, sides))
            and not is_in_string(case.front())
        ):
            lines = merge_imports(was, mine, yours, texts.versions)
            if lines is not None or was:
                return None if lines is None else Settlement(lines, ((0, IMPORTS),))
        if self.is_brought_apart(hunk):
            return None
        settlement = None
        if not (self._added or self._moves(hunk) or self._moved_here(hunk)):
            settlement = contained(case)
        if settlement is None and case.is_insertion:
            if self._added or self._both_move_here(hunk):
                return None
            return both_inserted(case, self._may_lead(hunk, case))
        return settlement or touching_edits(case, self._moved, removing=self._removing)

    def _has_one_front(self, hunk: Hunk, case: Case) -> bool:
        """Whether lines of the hunk have the same parents in front of it in all three versions."""
        texts = self._texts
        places = (
            (texts.base, hunk.start),
            (texts.ours, hunk.our_start),
            (texts.theirs, hunk.their_start),
        )
        if case.kind in PROSE and len({_head_of_table(lines, at) for lines, at in places}) > 1:
            return False
        stacks = [self._outline.front(lines, at) for lines, at in places]
        depths = {depth for version in case.versions() for depth in _reaching(version)}
        return all(len({parent_at(stack, depth) for stack in stacks}) == 1 for depth in depths)

    def _moves(self, hunk: Hunk) -> bool:
        """Whether a side deletes here what it has elsewhere, be it under another name or in other words."""
        sides = ((hunk.ours, self._texts.ours), (hunk.theirs, self._texts.theirs))
        return any(
            bare(text) in self._moved
            or (not change.lines and any(_may_be_renamed(text, new) for new in elsewhere))
            for made, side in sides
            for elsewhere in (_brought(x for x in changes(self._base, side) if x not in made),)
            for change in made
            for text in self._base[change.start : change.end]
        )

    def _moved_here(self, hunk: Hunk) -> bool:
        """Whether both sides put here what stood elsewhere, and more than that."""
        ours, theirs = _brought(hunk.ours), _brought(hunk.theirs)
        return ours != theirs and any(has_word(x) and x in self._moved for x in ours & theirs)

    def _both_move_here(self, hunk: Hunk) -> bool:
        """Whether each side puts to this place what stood elsewhere: which of them comes first is not known."""
        return all(self._moved & set(_brought(side)) for side in (hunk.ours, hunk.theirs))

    def _may_lead(self, hunk: Hunk, case: Case) -> tuple[bool, bool]:
        """Whether ours may stand in front of theirs, and theirs in front of ours.

        A statement of a program that one side moved here stays in front of what the other side put here, or behind it:
        as that side's version has them.
        """
        if case.kind not in PROGRAMS:
            return True, True
        ours = order.run_by(case, case.ours, case.our_scopes)
        theirs = order.run_by(case, case.theirs, case.their_scopes)
        our_front, our_behind = self._where_from(hunk, self._texts.ours, ours)
        their_front, their_behind = self._where_from(hunk, self._texts.theirs, theirs)
        return not (our_behind or their_front), not (our_front or their_behind)

    def _where_from(self, hunk: Hunk, side: Lines, here: set[bytes]) -> tuple[bool, bool]:
        """Whether a side moved some of these lines to a hunk from in front of it, and from behind it."""
        gone = [at for x in changes(self._base, side) for at in range(x.start, x.end)]
        found = [at for at in gone if bare(self._base[at]) in here and has_word(self._base[at])]
        return any(at < hunk.start for at in found), any(at >= hunk.end for at in found)

    def is_brought_apart(self, hunk: Hunk) -> bool:
        """Whether a line that only one side brought here was brought by the other at another place."""
        texts = self._texts
        here = [_brought(side) for side in (hunk.ours, hunk.theirs)]
        whole = [_brought(changes(self._base, side)) for side in texts.sides]
        least = (
            1 if self._outline.kind in statements.STEPS else _TELLING
        )  # the end of a step is short
        return any(
            len(text) >= least and has_word(text) and text not in self._recurring
            for side, other in ((0, 1), (1, 0))
            for text in (here[side] - here[other]) & (whole[other] - here[other])
        )


def _head_of_table(lines: Lines, at: int) -> bytes:
    """The first row of the table that goes on at a line; empty where none does."""
    head = b""
    while at and lines[at - 1].lstrip().startswith(b"|"):
        at -= 1
        head = lines[at]
    return head


def _reaching(lines: Iterable[Line]) -> Iterator[int]:
    """How deep those lines stand whose parents may be in front of them all.

    Those of a line behind one that is less deep are here, unless that one goes on with what is in front: `else:`, `):`,
    and a remark, which ends nothing.
    """
    least: float = math.inf
    for line in lines:
        depth = level(line.text)
        if line.is_blank or depth > least:
            continue
        yield depth
        goes_on = statements.is_branch(line.text) or line.text.strip().startswith(CLOSERS)
        if not (line.is_comment or goes_on):
            least = depth


def _brought(made: Iterable[Change]) -> Counter[bytes]:
    return Counter(bare(text) for change in made for text in change.lines)


def _may_be_renamed(was: bytes, now: bytes) -> bool:
    """Whether a line may be another one under another name: they give one value, or read alike."""
    if not (has_word(was) and has_word(now)):
        return False
    given = value(was)
    return (given != b"" and given == value(now)) or likeness(was.strip(), now.strip()) >= SAME

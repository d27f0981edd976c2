"""The rules by which one hunk is settled, and what speaks against settling it.

Each rule answers only where its answer is the only right one, and says in one sentence when that is
so; every doubt leaves the hunk a conflict, for a wrong merge is worse than one:

* **both inserted** keeps both sides' lines: both only inserted, at one place, balanced lines that
  name nothing alike, whose order means nothing, and each line keeps its parent and its neighbour.
* **touching edits** applies both: each base line was changed by one side only (or by both alike),
  nothing was put beside what the other side took away, moved or replaced, and what both brought could as well have
  been inserted at one place.
* **contained** keeps the larger change: the other side has brought the same lines to the same place,
  replacing the same base lines, or has taken the same lines away and put them nowhere else under any name, nothing
  that one side deleted was edited by the other, and nothing more was brought by it at another place.
* **same change** applies what both did alike once, beside what one of the rules above answers.
* **imports** merges statements that do nothing but import, as sets of names: each name is taken away by one side at
  most and then in no new line of the other, and none is given twice.

And none of them answers a hunk in front of which the two sides have other parents.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from aegis_cli.merging import order
from aegis_cli.merging.case import Case
from aegis_cli.merging.cutting import deletions_apart, edits_apart, shared_apart
from aegis_cli.merging.diff3 import Change, Hunk, Lines, changes, replay
from aegis_cli.merging.formats import NAMELESS, PROGRAMS, PROSE, Format
from aegis_cli.merging.imports import are_imports, merge_imports
from aegis_cli.merging.likeness import SAME, likeness, reads_alike
from aegis_cli.merging.line_endings import Texts
from aegis_cli.merging.names import bare, declared, names, value
from aegis_cli.merging.outline import Line, Outline, Scope, has_word, level, parent_at
from aegis_cli.merging.tally import moved

BOTH_INSERTED = "both inserted"
TOUCHING_EDITS = "touching edits"
CONTAINED = "contained"
SAME_CHANGE = "same change"
IMPORTS = "imports"

# From this likeness on, two lines may be versions of one.
_ALIKE = 0.5
# Shorter lines may well be brought by both: `pass`, `fi`, `end`.
_TELLING = 6

_CONTINUES = re.compile(
    rb"(?:else|elif|elsif|except|finally|catch|rescue|ensure|then|do|done|fi|esac|and|or"
    rb"|end(?:if|for|foreach|while|case|def|function|macro|block)?)\b(?!\s*=|[-.])"
    rb"|[)\]},]|&&|\|\||\|(?=\s)|\.\w+\(|\{%-?\s*(?:el|end)"
)
_OPENS_FILE = re.compile(
    rb"#!|\xef\xbb\xbf|<\?xml|<!doctype|---|from\s+__future__|#.*coding[:=]", re.IGNORECASE
)
_DOCSTRING = re.compile(rb"[rRbBuUfF]?(?:\"\"\"|''')")
_TEMPLATE_END = re.compile(rb"\{%-?\s*end")
_TEMPLATE_START = re.compile(
    rb"\{%-?\s*(?:if|for|block|macro|filter|call|raw|with|autoescape|trans)\b"
)


@dataclass(frozen=True, slots=True)
class Settlement:
    """The answer to one hunk: its lines, and each rule used, with the index of its line."""

    lines: Lines
    rules: tuple[tuple[int, str], ...]


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
                are not two insertions at one place: they are never put one behind the other.
            removing: Whether theirs only takes out what a component had brought: what ours put beside
                that is not a part of it.
        """
        self._texts = texts
        self._base = texts.base
        self._added = added
        self._removing = removing
        self._outline = outline
        self._moved = moved(texts.base, texts.ours) | moved(texts.base, texts.theirs)

    def settle(self, hunk: Hunk) -> Settlement | None:
        """Answer one hunk, or None where it has no one right answer."""
        if not hunk.is_contested:
            return None
        cut = partial(edits_apart, self._base, kind=self._outline.kind)
        ours, theirs = shared_apart(self._base, cut(hunk.ours), cut(hunk.theirs))
        hunk = replace(hunk, ours=ours, theirs=theirs)
        case = Case(self._base, hunk, self._outline, self._outline.stack(self._base, hunk.start))
        if not self._has_one_front(hunk, case):
            return None
        texts = self._texts
        was = texts.base[hunk.start : hunk.end]
        mine, yours = (
            replay(texts.base, hunk.start, hunk.end, made) for made in (hunk.ours, hunk.theirs)
        )
        if self._outline.kind is Format.PYTHON and all(map(are_imports, (was, mine, yours))):
            lines = merge_imports(was, mine, yours, (texts.base, texts.ours, texts.theirs))
            return Settlement(lines, ((0, IMPORTS),)) if lines else None
        settlement = None
        if not (self._moves(hunk) or self._moved_here(hunk) or self._are_elsewhere(hunk)):
            settlement = _contained(case)
        if settlement is None and case.is_insertion:
            return None if self._added else _both_inserted(case)
        return settlement or _touching_edits(case, self._moved, removing=self._removing)

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
        depths = {level(line.text) for line in case.lines() if not line.is_blank}
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

    def _are_elsewhere(self, hunk: Hunk) -> bool:
        """Whether a line that only one side brought here was brought by the other at another place."""
        texts = self._texts
        here = [_brought(side) for side in (hunk.ours, hunk.theirs)]
        whole = [_brought(changes(self._base, side)) for side in (texts.ours, texts.theirs)]
        least = 1 if self._outline.kind in order.STEPS else _TELLING  # the end of a step is short
        return any(
            len(text) >= least and has_word(text)
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


def _brought(made: Iterable[Change]) -> Counter[bytes]:
    return Counter(bare(text) for change in made for text in change.lines)


def _contained(case: Case) -> Settlement | None:
    """Keep the change that holds the other one, if one does; ours if they hold each other."""
    hunk = case.hunk
    ours = [*zip(case.ours, _tokens(case.ours, case.our_scopes), strict=True)]
    theirs = [*zip(case.theirs, _tokens(case.theirs, case.their_scopes), strict=True)]
    if _holds(case, hunk.ours, ours, hunk.theirs, theirs):
        return _settlement(case.ours, CONTAINED)
    if _holds(case, hunk.theirs, theirs, hunk.ours, ours):
        return _settlement(case.theirs, CONTAINED)
    return None


Tokens = list[tuple[Line, Hashable]]


def _tokens(lines: list[Line], scopes: dict[Line, Scope]) -> list[Hashable]:
    """What makes lines of two versions the same: place in base, or else text and parents."""
    return [(line.text, scopes.get(line)) if line.side else line.name for line in lines]


def _holds(
    case: Case,
    big_changes: Sequence[Change],
    big: Tokens,
    small_changes: Sequence[Change],
    small: Tokens,
) -> bool:
    """Whether one side did all that the other did."""
    stays = {line.name for line, _ in big if not line.side}
    gone = {i for change in small_changes for i in range(change.start, change.end)}
    if gone & stays:
        return False
    if not all(
        any(_covers(case, large, change) for large in big_changes) for change in small_changes
    ):
        return False
    if _speaks_of_next(small) and big[-1:] and small[-1][1] != big[-1][1]:
        return False
    rest = iter(token for _, token in big)
    return all(token in rest for line, token in small if line.side or line.name in stays)


def _covers(case: Case, large: Change, small: Change) -> bool:
    """Whether one change is another and more of the same kind."""
    if large == small:
        return True
    if not small.lines:
        return not large.lines and large.start <= small.start and small.end <= large.end
    if (large.start, large.end) != (small.start, small.end):
        return False
    rest = iter(large.lines)
    if not all(text in rest for text in small.lines):
        return False
    if small.start == small.end:
        return True
    # Unless lines were edited one for one, nobody knows which of them stand for those that went.
    was = case.base(small)
    if small.growth or not any(has_word(text) for text in small.lines):
        return False
    is_named = case.kind not in NAMELESS
    if is_named and not all(map(partial(_is_edited, case), was, small.lines)):
        return False
    left = list(large.lines)
    for text in small.lines:
        left.remove(text)
    return not any(_are_versions(case, one, text) for one in was for text in left)


def _are_versions(case: Case, one: bytes, other: bytes) -> bool:
    """Whether two lines may be versions of one."""
    a, b = one.strip(), other.strip()
    if not a or not b:
        return False
    if names(a, case.kind) & names(b, case.kind):
        return True
    return likeness(a, b) >= _ALIKE


def _may_be_renamed(was: bytes, now: bytes) -> bool:
    """Whether a line may be another one under another name: they give one value, or read alike."""
    if not (has_word(was) and has_word(now)):
        return False
    given = value(was)
    return (given != b"" and given == value(now)) or likeness(was.strip(), now.strip()) >= SAME


def _speaks_of_next(tokens: Tokens) -> bool:
    if not tokens:
        return False
    last = tokens[-1][0]
    return bool(last.side) and (last.is_comment or last.text.lstrip().startswith(b"@"))


def _both_inserted(case: Case) -> Settlement | None:
    """Keep both insertions, ours first.

    The user's lines then stay at the line numbers they had, behind the line they were written
    behind. Theirs go first only where ours cannot: a decorator speaks of the line below, an `else`
    belongs to the lines above.
    """
    head, ours, theirs, tail = _peel(case)
    if not (_is_balanced(ours) and _is_balanced(theirs)):
        return None
    if _declare_alike(case, ours, theirs) or order.is_meant(case, ours, theirs):
        return None
    if case.kind in PROSE and any(reads_alike(a.text, b.text) for a in ours for b in theirs):
        return None
    at_top = case.hunk.start == 0 and not head
    for first, second in ((ours, theirs), (theirs, ours)):
        merged = [*head, *first, *second, *tail]
        if _may_follow(first, second, at_top=at_top) and case.is_sound(
            merged, case.ours, [*head, *theirs, *tail]
        ):
            settlement = _settlement(merged, BOTH_INSERTED, at=len(head))
            if head or tail:
                start = 0 if head else len(merged) - len(tail)
                shared = ((start, SAME_CHANGE),)
                return replace(settlement, rules=tuple(sorted(shared + settlement.rules)))
            return settlement
    return None


def _peel(case: Case) -> tuple[list[Line], list[Line], list[Line], list[Line]]:
    """Split off what both insertions begin and end with, where each line stands for itself.

    Only in a flat list: the last line of two functions may be the same and yet belong to each of
    them.
    """
    ours, theirs = case.ours, case.theirs
    levels = {level(line.text) for line in (*ours, *theirs)}
    flat = len(levels) == 1 and all(_stands_alone(line) for line in (*ours, *theirs))
    shortest = min(len(ours), len(theirs)) if flat else 0
    head = 0
    while head < shortest and ours[head].text == theirs[head].text:
        head += 1
    tail = 0
    while tail < shortest - head and ours[-1 - tail].text == theirs[-1 - tail].text:
        tail += 1
    end, their_end = len(ours) - tail, len(theirs) - tail
    return ours[:head], ours[head:end], theirs[head:their_end], ours[end:]


def _stands_alone(line: Line) -> bool:
    text = line.text.strip()
    return (
        has_word(text)
        and not line.is_comment
        and not text.startswith((b"@", b"["))
        and not text.endswith((b":", b"{", b"(", b"[", b"\\"))
        and not _CONTINUES.match(text)
    )


def _is_balanced(lines: list[Line]) -> bool:
    """Whether every bracket, fence and template block that an insertion opens is closed in it."""
    text = b"".join(line.text for line in lines)
    pairs = all(
        text.count(a) == text.count(b) for a, b in ((b"(", b")"), (b"[", b"]"), (b"{", b"}"))
    )
    fences = all(text.count(fence) % 2 == 0 for fence in (b'"""', b"'''", b"```"))
    blocks = len(_TEMPLATE_START.findall(text)) == len(_TEMPLATE_END.findall(text))
    return pairs and fences and blocks and text.count(b"/*") == text.count(b"*/")


def _declare_alike(case: Case, ours: list[Line], theirs: list[Line]) -> bool:
    """Whether both declare a name at the same place: two answers to one question."""
    left = _declared(case, ours, case.our_scopes)
    return not left.isdisjoint(_declared(case, theirs, case.their_scopes))


def _declared(case: Case, lines: list[Line], scopes: dict[Line, Scope]) -> set[tuple[Scope, bytes]]:
    following = [*(line.text for line in lines[1:]), b""][: len(lines)]
    return {
        (scopes[line], name)
        for line, after in zip(lines, following, strict=True)
        if not line.is_blank
        for name in declared(line.text, case.kind, after)
    }


def _may_follow(first: list[Line], second: list[Line], *, at_top: bool) -> bool:
    """Whether two insertions can stand in this order."""
    a = next((line.text for line in first if not line.is_blank), b"")
    b = next((line.text for line in second if not line.is_blank), b"")
    if _DOCSTRING.match(b.strip()) or (at_top and _OPENS_FILE.match(b)):
        return False
    if not _CONTINUES.match(b.strip()):
        return True
    if _CONTINUES.match(a.strip()):
        return a == b
    return all(level(x.text) > level(b) for x in first if not x.is_blank)


def _touching_edits(case: Case, moved: Container[bytes], *, removing: bool) -> Settlement | None:
    """Apply both, where each base line was changed by at most one side, or by both alike."""
    if removing:
        at = [change.start for change in case.hunk.ours if change.start == change.end]
        case = case.with_changes(case.hunk.ours, deletions_apart(case.hunk.theirs, at))
    same = set(case.hunk.ours) & set(case.hunk.theirs)
    ours = [change for change in case.hunk.ours if change not in same]
    theirs = [change for change in case.hunk.theirs if change not in same]
    if not ours or not theirs:
        return None
    if not all(_are_apart(a, b, removing=removing) for a in ours for b in theirs):
        return None
    if not all(
        _stays_beside(case, one, other, moved)
        for a in ours
        for b in theirs
        for one, other in ((a, b), (b, a))
    ):
        return None
    merged = case.merged()
    mine = [x for change in ours for x in case.brought(change, 1)]
    yours = [x for change in theirs for x in case.brought(change, 2)]
    if _declare_alike(case, mine, yours):
        return None
    if order.is_meant(case, _put_there(case, ours, 1), _put_there(case, theirs, 2)):
        return None
    if not case.is_sound(merged, case.ours, case.theirs):
        return None
    settlement = _settlement(merged, TOUCHING_EDITS)
    return (
        replace(settlement, rules=((0, SAME_CHANGE), (0, TOUCHING_EDITS))) if same else settlement
    )


def _put_there(case: Case, made: Sequence[Change], side: int) -> list[Line]:
    """Lines that are new, and no versions of lines that stood there."""
    return [
        line
        for change in made
        for at, line in enumerate(case.brought(change, side))
        if not isinstance(line.name, int)
        and not (change.growth == 0 and _is_edited(case, case.base(change)[at], line.text))
    ]


def _are_apart(ours: Change, theirs: Change, *, removing: bool) -> bool:
    """Whether changes do not overlap, and neither took away what the other was added to."""
    a, b = sorted((ours, theirs))
    if a.end > b.start or (a.start == b.start and a.end == b.end):
        return False
    if removing and ours.start == ours.end and not theirs.lines:
        return True
    return a.end < b.start or a.growth * b.growth >= 0


def _stays_beside(case: Case, new: Change, change: Change, moved: Container[bytes]) -> bool:
    """Whether the line that an insertion was put beside is still there after the other side's change."""
    if not change.lines or change.start == change.end or not _brings_steps(case, new):
        return True
    if new.start != change.end and new.end != change.start:
        return True
    at = -1 if new.start == change.end else 0
    was, now = case.base(change)[at], change.lines[at]
    if bare(was) in moved and bare(was) != bare(now):
        return False
    is_named = names(was.strip(), case.kind) and names(now.strip(), case.kind)
    if case.kind in order.STEPS and not is_named:
        return order.is_one_step(was, now)
    if case.kind in PROGRAMS and order.is_branch(was):
        return False  # another condition may as well be another branch in its place
    return (change.growth == 0 and not is_named) or _is_edited(case, was, now)


def _brings_steps(case: Case, change: Change) -> bool:
    """Whether a change puts lines to a place, and does not only edit those that stood there."""
    if change.start == change.end or case.kind not in order.STEPS:
        return change.start == change.end
    pairs = zip(case.base(change), change.lines, strict=False)
    return change.growth != 0 or not all(_is_edited(case, was, now) for was, now in pairs)


def _is_edited(case: Case, was: bytes, now: bytes) -> bool:
    """Whether a line is another one in other words, and does not only stand in its place."""
    a, b = was.strip(), now.strip()
    return bool(names(a, case.kind) & names(b, case.kind)) or likeness(a, b) >= SAME


def _settlement(lines: list[Line], rule: str, at: int = 0) -> Settlement:
    return Settlement(tuple(line.text for line in lines), ((at, rule),))

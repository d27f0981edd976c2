"""The rules by which one hunk is settled, and what speaks against settling it.

A rule answers only where there is one right answer; every doubt leaves the hunk a conflict, for a
wrong merge is worse than one. So each answer has to be *sound* as well: every line keeps the
parent, the continuation and the neighbour that it was written for, and no name is declared by both
sides.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from aegis_cli.merging.case import Case
from aegis_cli.merging.diff3 import Change, Hunk, Lines
from aegis_cli.merging.names import declared
from aegis_cli.merging.outline import Line, Outline, Scope, has_word, level

BOTH_INSERTED = "both inserted"
TOUCHING_EDITS = "touching edits"
CONTAINED = "contained"
SAME_CHANGE = "same change"

_STOPS = re.compile(rb"(?:return|raise|break|continue|throw|exit|goto|yield\s+break)\b")
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
        self, path: str, base: Sequence[bytes], *, added: bool = False, removing: bool = False
    ) -> None:
        """Prepare for the hunks of a merge.

        Args:
            path: The file's path; its kind decides what a section is.
            base: The lines that both sides started from.
            added: Whether there was no file to start from. Two files that were written apart
                are not two insertions at one place: they are never put one behind the other.
            removing: Whether theirs only takes out what a component had brought: what ours put beside
                that is not a part of it.
        """
        self._base = base
        self._added = added
        self._removing = removing
        self._outline = Outline(path)
        self._stacks = self._outline.stacks(base)

    def settle(self, hunk: Hunk) -> Settlement | None:
        """Answer one hunk, or None where it has no one right answer."""
        case = Case(self._base, hunk, self._outline, self._stacks[hunk.start])
        settlement = _contained(case)
        if settlement is None and case.is_insertion:
            return None if self._added else _both_inserted(case)
        return settlement or _touching_edits(case, removing=self._removing)


def _contained(case: Case) -> Settlement | None:
    """Keep the change that holds the other one, if one does; ours if they hold each other."""
    hunk = case.hunk
    ours = [*zip(case.ours, _tokens(case.ours, case.our_scopes), strict=True)]
    theirs = [*zip(case.theirs, _tokens(case.theirs, case.their_scopes), strict=True)]
    if _holds(hunk.ours, ours, hunk.theirs, theirs):
        return _settlement(case.ours, CONTAINED)
    if _holds(hunk.theirs, theirs, hunk.ours, ours):
        return _settlement(case.theirs, CONTAINED)
    return None


Tokens = list[tuple[Line, Hashable]]


def _tokens(lines: list[Line], scopes: dict[Line, Scope]) -> list[Hashable]:
    """What makes lines of two versions the same: place in base, or else text and parents."""
    return [(line.text, scopes.get(line)) if line.side else line.name for line in lines]


def _holds(
    big_changes: Sequence[Change], big: Tokens, small_changes: Sequence[Change], small: Tokens
) -> bool:
    """Whether one side did all that the other did."""
    stays = {line.name for line, _ in big if not line.side}
    gone = {i for change in small_changes for i in range(change.start, change.end)}
    if gone & stays or not all(_is_covered(change, big_changes) for change in small_changes):
        return False
    if _speaks_of_next(small) and big[-1:] and small[-1][1] != big[-1][1]:
        return False
    rest = iter(token for _, token in big)
    return all(token in rest for line, token in small if line.side or line.name in stays)


def _is_covered(change: Change, by: Sequence[Change]) -> bool:
    """Whether a change says enough to be found again, and deletes nothing that was edited."""
    if change.start == change.end:
        return True
    if change.lines:
        return any(has_word(text) for text in change.lines)
    return not any(
        other.lines and other.start <= change.end and change.start <= other.end for other in by
    )


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
    if _declare_alike(case, ours, theirs) or _stop_each_other(case, ours, theirs):
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
    left = {(case.our_scopes[x], n) for x in ours if not x.is_blank for n in declared(x.text)}
    right = {(case.their_scopes[x], n) for x in theirs if not x.is_blank for n in declared(x.text)}
    return not left.isdisjoint(right)


def _stop_each_other(case: Case, ours: list[Line], theirs: list[Line]) -> bool:
    """Whether one side leaves a block that the other goes on in: the order would decide."""
    our_stops = _scopes_left(ours, case.our_scopes)
    their_stops = _scopes_left(theirs, case.their_scopes)
    return any(case.their_scopes[x] in our_stops for x in theirs if not x.is_blank) or any(
        case.our_scopes[x] in their_stops for x in ours if not x.is_blank
    )


def _scopes_left(lines: list[Line], scopes: dict[Line, Scope]) -> set[Scope]:
    return {scopes[line] for line in lines if _STOPS.match(line.text.strip())}


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


def _touching_edits(case: Case, *, removing: bool) -> Settlement | None:
    """Apply both, where each base line was changed by at most one side, or by both alike."""
    ours_all, theirs_all = _split_same(case.hunk.ours, case.hunk.theirs)
    if removing:
        theirs_all = _split_deletions(
            theirs_all, at=[c.start for c in ours_all if c.start == c.end]
        )
    case = case.with_changes(ours_all, theirs_all)
    same = set(case.hunk.ours) & set(case.hunk.theirs)
    ours = [change for change in case.hunk.ours if change not in same]
    theirs = [change for change in case.hunk.theirs if change not in same]
    if not ours or not theirs:
        return None
    if not all(_are_apart(a, b, removing=removing) for a in ours for b in theirs):
        return None
    merged = case.merged()
    brought = {2: [x for x in merged if x.side == 2]}
    brought[1] = [x for change in ours for x in case.brought(change, 1)]
    if _declare_alike(case, brought[1], brought[2]):
        return None
    if not case.is_sound(merged, case.ours, case.theirs):
        return None
    settlement = _settlement(merged, TOUCHING_EDITS)
    return (
        replace(settlement, rules=((0, SAME_CHANGE), (0, TOUCHING_EDITS))) if same else settlement
    )


def _are_apart(ours: Change, theirs: Change, *, removing: bool) -> bool:
    """Whether changes do not overlap, and neither took away what the other was added to."""
    a, b = sorted((ours, theirs))
    if a.end > b.start or (a.start == b.start and a.end == b.end):
        return False
    if removing and ours.start == ours.end and not theirs.lines:
        return True
    return a.end < b.start or a.growth * b.growth >= 0


def _split_deletions(changes: Sequence[Change], at: Sequence[int]) -> tuple[Change, ...]:
    """Cut what only deletes in two at some places."""
    found: list[Change] = []
    for change in changes:
        places = [] if change.lines else [p for p in at if change.start < p < change.end]
        ends = [change.start, *places, change.end]
        found += [Change(*pair, change.lines) for pair in pairwise(ends)]
    return tuple(found)


def _split_same(
    ours: tuple[Change, ...], theirs: tuple[Change, ...]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Cut a first or last change in two where it is the other side's and more."""
    ours, theirs = _split_head(ours, theirs[0]), _split_head(theirs, ours[0])
    return _split_tail(ours, theirs[-1]), _split_tail(theirs, ours[-1])


def _split_head(changes: tuple[Change, ...], short: Change) -> tuple[Change, ...]:
    long = changes[0]
    cut = len(short.lines)
    if long.start != short.start or long.end <= short.end or long.lines[:cut] != short.lines:
        return changes
    if not any(has_word(text) for text in short.lines):
        return changes
    return (short, Change(short.end, long.end, long.lines[cut:]), *changes[1:])


def _split_tail(changes: tuple[Change, ...], short: Change) -> tuple[Change, ...]:
    long = changes[-1]
    cut = len(long.lines) - len(short.lines)
    if long.end != short.end or long.start >= short.start or cut < 0:
        return changes
    if long.lines[cut:] != short.lines or not any(has_word(text) for text in short.lines):
        return changes
    return (*changes[:-1], Change(long.start, short.start, long.lines[:cut]), short)


def _settlement(lines: list[Line], rule: str, at: int = 0) -> Settlement:
    return Settlement(tuple(line.text for line in lines), ((at, rule),))

"""The rules by which one hunk is settled, and what speaks against settling it.

A rule answers only where there is one right answer; every doubt leaves the hunk a conflict, for a
wrong merge is worse than one. So each answer has to be *sound* as well: every line keeps the
parent, the continuation and the neighbour that it was written for, and no name is declared by both
sides.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from aegis_cli.merging.diff3 import Change, Hunk, Lines
from aegis_cli.merging.names import declared
from aegis_cli.merging.outline import Line, Outline, Scope, Stack, has_word, level

BOTH_INSERTED = "both inserted"
TOUCHING_EDITS = "touching edits"
CONTAINED = "contained"
SAME_CHANGE = "same change"

# How far behind a hunk its effect on the parents of lines is followed.
_HORIZON = 200
# How far in front of a hunk the line is looked for that leads to it.
_LEAD = 20

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
_REMARK = re.compile(rb"\s(?:#|//).*$")
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

    def __init__(self, path: str, base: Sequence[bytes], *, added: bool = False) -> None:
        """Prepare for the hunks of a merge.

        Args:
            path: The file's path; its kind decides what a section is.
            base: The lines that both sides started from.
            added: Whether there was no file to start from. Two files that were written apart are
                not
                two insertions at one place, so they are never put one behind the other.
        """
        self._base = base
        self._added = added
        self._outline = Outline(path)
        self._stacks = self._outline.stacks(base)

    def settle(self, hunk: Hunk) -> Settlement | None:
        """Answer one hunk, or None where it has no one right answer."""
        case = _Case(self._base, hunk, self._outline, self._stacks[hunk.start])
        settlement = _contained(case)
        if settlement is None and case.is_insertion:
            return None if self._added else _both_inserted(case)
        return settlement or _touching_edits(case)


class _Case:
    """One hunk with its surroundings, as lines that know which side brought them."""

    def __init__(
        self, base: Sequence[bytes], hunk: Hunk, outline: Outline, stack: Stack | None
    ) -> None:
        self.hunk = hunk
        self._base = base
        self._outline = outline
        self._stack = stack
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

    @property
    def is_insertion(self) -> bool:
        """Whether both sides only inserted, at one place."""
        return self.hunk.start == self.hunk.end

    def with_changes(self, ours: tuple[Change, ...], theirs: tuple[Change, ...]) -> _Case:
        """The same hunk, its changes cut in another way."""
        hunk = replace(self.hunk, ours=ours, theirs=theirs)
        return _Case(self._base, hunk, self._outline, self._stack)

    def brought(self, change: Change, side: int) -> list[Line]:
        """The lines that a change brought; always the same objects."""
        return self._brought[change, side]

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


def _new_lines(base: Sequence[bytes], change: Change, side: int) -> list[Line]:
    """A change's lines.

    Where lines were edited one for one, a line that still declares what its base line did is the
    same parent: `def f(x)` and `def f(x, y)` are, `web:` and `api:` are not.
    """
    lines = [Line(text, text.strip(), side) for text in change.lines]
    if change.growth == 0:
        for position, line in enumerate(lines, change.start):
            if declared(base[position]) & declared(line.text):
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
        if line.text.lstrip().startswith(b"@"):
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


def _contained(case: _Case) -> Settlement | None:
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


def _both_inserted(case: _Case) -> Settlement | None:
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


def _peel(case: _Case) -> tuple[list[Line], list[Line], list[Line], list[Line]]:
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


def _declare_alike(case: _Case, ours: list[Line], theirs: list[Line]) -> bool:
    """Whether both declare a name at the same place: two answers to one question."""
    left = {(case.our_scopes[x], n) for x in ours if not x.is_blank for n in declared(x.text)}
    right = {(case.their_scopes[x], n) for x in theirs if not x.is_blank for n in declared(x.text)}
    return not left.isdisjoint(right)


def _stop_each_other(case: _Case, ours: list[Line], theirs: list[Line]) -> bool:
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


def _touching_edits(case: _Case) -> Settlement | None:
    """Apply both, where each base line was changed by at most one side, or by both alike."""
    case = case.with_changes(*_split_same(case.hunk.ours, case.hunk.theirs))
    same = set(case.hunk.ours) & set(case.hunk.theirs)
    ours = [change for change in case.hunk.ours if change not in same]
    theirs = [change for change in case.hunk.theirs if change not in same]
    if not ours or not theirs or not all(_are_apart(a, b) for a in ours for b in theirs):
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


def _are_apart(a: Change, b: Change) -> bool:
    """Whether changes do not overlap, and neither took away what the other was added to."""
    if b < a:
        a, b = b, a
    if a.end > b.start or (a.start == b.start and a.end == b.end):
        return False
    return a.end < b.start or a.growth * b.growth >= 0


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

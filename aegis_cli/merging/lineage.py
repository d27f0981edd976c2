"""What each line belongs to, followed through a merge: a parent is known by where it comes from, not by its name.

A merge of lines sees nothing wrong when one side puts a header, a key or an `else:` between a line that
the other side brought and the parent that it was written for, or takes that parent away. And a parent
that one side renamed is still the parent of what the other side put below it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from functools import cached_property

from aegis_cli.merging.diff3 import Change, Hunk, Lines, changes, placed, places
from aegis_cli.merging.formats import PROSE, Format
from aegis_cli.merging.line import Line, has_word, level
from aegis_cli.merging.names import bare, share_a_name
from aegis_cli.merging.outline import Outline, Scope, identities
from aegis_cli.merging.walk import walk

# A line, in all versions that it stands in: (0, its position in base), (1, in ours), (2, in theirs).
Origin = tuple[int, int]
Parents = dict[Origin, Origin | None]
# Positions of parents that a side renamed: there, and in base.
Renames = list[tuple[int, int]]


class Lineage:
    """Knows the lines of three versions by where they come from."""

    def __init__(self, outline: Outline, base: Lines, ours: Lines, theirs: Lines) -> None:
        """Follow the lines of both sides to base.

        Args:
            outline: Tells the parents of lines in this kind of file.
            base: The lines that both sides started from.
            ours: Those of our side.
            theirs: Those of their side.
        """
        self._kind = outline.kind
        self._outline = Outline(outline.kind)  # parents are called by their positions here
        self._versions = base, ours, theirs
        self._changes = (), changes(base, ours), changes(base, theirs)

    @cached_property
    def _concerns_parents(self) -> bool:
        """Whether a side brought or took away a line that others may belong to: else all keep theirs."""
        if self._kind in PROSE:
            return True
        base = self._versions[0]
        return any(
            _may_open(self._outline, lines, at)
            for side in (1, 2)
            for change, new in placed(self._changes[side])
            for lines, span in (
                (base, range(change.start, change.end)),
                (self._versions[side], new),
            )
            for at in span
        )

    @cached_property
    def _places(self) -> list[Hunk]:
        return list(places(self._changes[1], self._changes[2]))

    @cached_property
    def _above(self) -> list[list[int | None]]:
        """The parents of all lines, by their positions."""
        return [parents(self._outline, lines) for lines in self._versions]

    @cached_property
    def _origins(self) -> list[list[Origin]]:
        """Where all lines come from: what both brought to one place is ours, a renamed parent is that of base."""
        length = len(self._versions[0])
        base = [(0, at) for at in range(length)]
        ours, theirs = (_origins(length, self._changes[side], side) for side in (1, 2))
        for side, origins in ((1, ours), (2, theirs)):
            for new, old in self._renamed[side]:
                origins[new] = 0, old
        for place in self._places:
            mine, yours = _extent(place, 1), _extent(place, 2)
            both = [
                self._versions[1][mine.start : mine.stop],
                self._versions[2][yours.start : yours.stop],
            ]
            if both[0] == both[1]:
                theirs[yours.start : yours.stop] = ours[mine.start : mine.stop]
        return [base, ours, theirs]

    @cached_property
    def _renamed(self) -> list[Renames]:
        """The parents that each side renamed."""
        return [[], *(self._follow_renames(side) for side in (1, 2))]

    @cached_property
    def aliases(self) -> Mapping[Hashable, Hashable]:
        """What parents that a side renamed had been called."""
        if not self._concerns_parents:
            return {}
        called = [list(identities(lines)) for lines in self._versions]
        return {
            called[side][new]: called[0][old]
            for side in (1, 2)
            for new, old in self._renamed[side]
            if called[side][new] != called[0][old]
        }

    def displaced(self, answers: Mapping[Hunk, Lines]) -> set[Change]:
        """The changes by which a line comes to stand under another parent than it was written for.

        Args:
            answers: The lines of the hunks that are settled.
        """
        if not self._concerns_parents:
            return set()
        merged, lines, unsettled = self._merged(answers)
        now = _by_origin(merged, parents(self._outline, lines))
        base, ours, theirs = (
            _by_origin(origins, above)
            for origins, above in zip(self._origins, self._above, strict=True)
        )
        found: set[Change] = set()
        for origin, text in zip(merged, lines, strict=True):
            if not text.strip() or (self._kind not in PROSE and Line(text, None).is_comment):
                continue
            parent, known = now[origin], [side[origin] for side in (ours, theirs) if origin in side]
            meant = _meant(origin, base, known)
            involved = {x for x in (origin, parent, *known, base.get(origin)) if x}
            if parent in meant and parent and self._kind in PROSE and origin not in base:
                # A section may have got into another release, say: what is new in it was not meant for that.
                meant = {side.get(parent) for side in (ours, theirs) if origin in side}
                parent = now.get(parent)
                involved |= {x for x in (parent, *meant) if x}
            if parent not in meant and not involved & unsettled:
                found |= self._changes_of(involved)
        return found

    def _follow_renames(self, side: int) -> Renames:
        """Parents in the place of one of base, with its name or half of what is below; none from elsewhere.

        Half of what is right below, and of what is below at all: introductions that new contents follow are no half.
        """
        base, lines = self._versions[0], self._versions[side]
        gone = {
            bare(base[at])
            for change in self._changes[side]
            for at in range(change.start, change.end)
        }
        above, base_above = self._above[side], self._above[0]
        below = Counter(
            parent for parent, text in zip(base_above, base, strict=True) if has_word(text)
        )
        size = _sizes(base, base_above)
        kept: defaultdict[int, Counter[int]] = defaultdict(Counter)
        held: Counter[tuple[int, int]] = (
            Counter()
        )  # how many lines of base are still below it, at all depths
        origins = _origins(len(base_above), self._changes[side], side)
        change_of = _covering(self._changes[side], side)
        found: Renames = []
        for at in reversed(range(len(origins))):  # inner parents first: they keep their own parents
            for was, count in kept[at].most_common(1) if at in kept else ():
                is_kept = 2 * count >= below[was] and 2 * held[at, was] >= size[was]
                if is_kept or share_a_name(lines[at], base[was], self._kind):
                    origins[at] = 0, was
                    found.append((at, was))
            where, old = origins[at]
            new_parent = above[at]
            old_parent = base_above[old] if where == 0 and has_word(lines[at]) else None
            if new_parent is None or old_parent is None:
                continue
            held[new_parent, old_parent] += 1 + held[at, old]
            if origins[new_parent][0] == 0:
                continue
            change = change_of.get((0, old_parent))
            is_moved = bare(lines[new_parent]) in gone and has_word(lines[new_parent])
            if change and not is_moved and change is change_of.get(origins[new_parent]):
                kept[new_parent][old_parent] += 1
        return found

    def _merged(
        self, answers: Mapping[Hunk, Lines]
    ) -> tuple[list[Origin], list[bytes], set[Origin]]:
        """The lines of the merge with their origins, and what stands in hunks that are not settled."""
        base, ours, theirs = self._versions
        merged: list[Origin] = []
        lines: list[bytes] = []
        unsettled: set[Origin] = set()
        position = 0
        for place in self._places:
            merged += self._origins[0][position : place.start]
            lines += base[position : place.start]
            position = place.end
            mine, yours = _extent(place, 1), _extent(place, 2)
            our_origins = self._origins[1][mine.start : mine.stop]
            their_origins = self._origins[2][yours.start : yours.stop]
            our_lines, their_lines = ours[mine.start : mine.stop], theirs[yours.start : yours.stop]
            if place in answers:
                known = [
                    *zip(our_lines, our_origins, strict=True),
                    *zip(their_lines, their_origins, strict=True),
                ]
                answer = answers[place]
                merged += _found_again(answer, known)
                lines += answer
            elif not place.ours:
                merged += their_origins
                lines += their_lines
            else:
                if place.theirs and our_lines != their_lines:
                    unsettled.update(our_origins, their_origins)
                    unsettled.update((0, at) for at in range(place.start, place.end))
                merged += our_origins
                lines += our_lines
        merged += self._origins[0][position:]
        return merged, [*lines, *base[position:]], unsettled

    def _changes_of(self, lines: Collection[Origin]) -> set[Change]:
        """The changes that brought some of the lines, or took them away."""
        covering = [_covering(self._changes[side], side) for side in (1, 2)]
        return {known[line] for known in covering for line in lines if line in known}


def parents(outline: Outline, lines: Sequence[bytes]) -> list[int | None]:
    """The position of the line that each line belongs to; blank ones belong to nothing."""
    opened: dict[Scope, int] = {}
    above: list[int | None] = []
    headings: set[int] = set()
    steps = walk(outline, lines, range(len(lines)))
    for at, (text, (scope, stack)) in enumerate(zip(lines, steps, strict=True)):
        above.append(opened.get(scope) if text.strip() else None)
        if stack and stack.text is text:
            opened[stack.scope] = at
            headings |= {at} if stack.level < 0 else set()
    if outline.kind is Format.REST:
        _lead_to(headings, lines, above)
    return above


def _lead_to(headings: set[int], lines: Sequence[bytes], above: list[int | None]) -> None:
    """A label in front of a heading of reStructuredText is that section's, and no end of the one before."""
    section: int | None = None
    for at in reversed(range(len(lines))):
        if at in headings:
            section = at
        elif lines[at].startswith(b".. ") and section is not None:
            above[at] = section
        elif lines[at].strip():
            section = None


def _sizes(lines: Lines, above: Sequence[int | None]) -> Counter[int]:
    """How many lines with words are below each line, at all depths."""
    sizes: Counter[int] = Counter()
    for at in reversed(range(len(lines))):
        parent = above[at]
        if parent is not None and has_word(lines[at]):
            sizes[parent] += 1 + sizes[at]
    return sizes


def _origins(length: int, made: Sequence[Change], side: int) -> list[Origin]:
    """Where the lines of one side come from."""
    origins: list[Origin] = []
    position = 0
    for change in made:
        origins += [(0, at) for at in range(position, change.start)]
        origins += [(side, len(origins) + i) for i in range(len(change.lines))]
        position = change.end
    return origins + [(0, at) for at in range(position, length)]


def _covering(made: Sequence[Change], side: int) -> dict[Origin, Change]:
    """The change that brought a line, or that took a line of base away."""
    found: dict[Origin, Change] = {}
    for change, new in placed(made):
        found.update(((0, at), change) for at in range(change.start, change.end))
        found.update(((side, at), change) for at in new)
    return found


def _may_open(outline: Outline, lines: Lines, at: int) -> bool:
    """Whether other lines may belong to a line."""
    text = lines[at]
    if not text.strip():
        return False
    after = lines[at + 1] if at + 1 < len(lines) else b""
    return outline.opens_section(text) or not after.strip() or level(after) > level(text)


def _extent(place: Hunk, side: int) -> range:
    """Where the lines of a place stand in one side."""
    start, made = (place.our_start, place.ours) if side == 1 else (place.their_start, place.theirs)
    return range(start, start + place.end - place.start + sum(change.growth for change in made))


def _by_origin(origins: Sequence[Origin], above: Sequence[int | None]) -> Parents:
    """The parent of each line, both by where they come from."""
    return {
        origin: None if at is None else origins[at]
        for origin, at in zip(origins, above, strict=True)
    }


def _meant(origin: Origin, base: Parents, known: Sequence[Origin | None]) -> set[Origin | None]:
    """The parents that a line may have, from those that it has in the sides that hold it."""
    if origin in base and len(known) == 2:
        was, (ours, theirs) = base[origin], known
        if was in known:
            return {theirs if ours == was else ours}
        return {ours} & {theirs}
    return set(known)


def _found_again(answer: Lines, known: Sequence[tuple[bytes, Origin]]) -> Iterator[Origin]:
    """Where the lines of an answer come from."""
    waiting: dict[bytes, list[Origin]] = defaultdict(list)
    for text, origin in known:
        if origin not in waiting[text]:
            waiting[text].append(origin)
    for text in answer:
        yield waiting[text].pop(0) if len(waiting[text]) > 1 else waiting[text][0]

"""What a merged file may not come to, whoever merged it: git or one of our rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, starmap

from aegis_cli.merging import statements
from aegis_cli.merging.diff3 import Change, Hunk, Lines, changes, placed
from aegis_cli.merging.formats import LAST_DECIDES, NAMELESS, PROGRAMS, PROSE, Format
from aegis_cli.merging.inputs import of_another_action
from aegis_cli.merging.line import has_word, level
from aegis_cli.merging.line_endings import Texts
from aegis_cli.merging.lineage import Lineage
from aegis_cli.merging.mentions import gone_and_spoken_of
from aegis_cli.merging.names import bare, called, is_of_the_file, names
from aegis_cli.merging.one_end import counted_alike, done_twice
from aegis_cli.merging.outline import Outline
from aegis_cli.merging.patterns import decide_by_order
from aegis_cli.merging.quoted import of_another_kind
from aegis_cli.merging.routes import Route, hides, is_same_for_all, routers, routes
from aegis_cli.merging.set_up import set_up_otherwise
from aegis_cli.merging.sliding import at_one_place
from aegis_cli.merging.sources import of_another_thing
from aegis_cli.merging.syntax import Parses
from aegis_cli.merging.taken_away import TakenAway, with_line
from aegis_cli.merging.tally import Name, Places, candidates, lost, places, surplus

# Shorter lines may well stand twice: `pass`, `fi`, `end`.
_TELLING = 6
_SENTENCE = 20
_PHRASE = 10
_DOCUMENTS = frozenset({Format.YAML, Format.TOML, Format.JSON})
_COMMANDS = frozenset({Format.MAKE, Format.DOCKER, Format.SHELL, Format.YAML})

_COMMAND = re.compile(rb"(?:-\s+)?[^\s#-]\S*\s+\S")  # several words, and no comment


@dataclass(frozen=True, slots=True)
class Doubt:
    """A name that a merge without a conflict declares twice, in the same words.

    Attributes:
        line: Where it stands for the second time, counted from 1.
        text: That line.
    """

    line: int
    text: bytes


class Check:
    """Looks a merged file over, against the three versions that it was merged from."""

    def __init__(self, outline: Outline, texts: Texts, parses: Parses | None) -> None:
        """Prepare for merged files.

        Args:
            outline: Tells the parents of lines in this kind of file.
            texts: The three versions.
            parses: Whether a file's syntax is right; None where that is not known, or where a side's
                was wrong before.
        """
        self._outline = outline
        self._texts = texts
        self._parses = parses
        self._wanted = candidates(outline, *texts.versions)
        self._lineage = Lineage(outline, *texts.versions)
        self._made = [changes(texts.base, side) for side in texts.sides]
        self._taken_away = TakenAway(outline.kind, texts, self._made)
        self._recurring = outline.recurring(texts.base)
        self._counted: dict[bool, tuple[Places, Places, Places]] = {}

    def of(self, texts: Texts) -> Check:
        """The same check for other texts of the same file."""
        return self if texts == self._texts else Check(self._outline, texts, self._parses)

    def parses(self, lines: Sequence[bytes]) -> bool:
        """Whether merged lines still parse."""
        return self._parses is None or self._parses(self._texts.join(lines))

    def surplus(self, lines: Sequence[bytes]) -> set[Name]:
        """The names and lines of a merged file that stand there more often than the versions say, or are lost."""
        found = self._surplus(self._places(lines, whole_lines=True), lines, whole_lines=True)
        return found | self._lost(self._places(lines))

    def doubted(self, lines: Sequence[bytes]) -> set[Change]:
        """The changes of both sides that merge by themselves and yet cannot both be meant.

        Both declare one thing, in other words or with other contents; or one has moved what the
        other took away.
        """
        found = self._taken_away.moved(lines) | self._overruled() | self._hidden(lines)
        if self._outline.kind in NAMELESS:
            return found
        found |= self._taken_away.come_again(lines)
        found |= of_another_kind(self._outline.kind, self._texts.base, self._made)
        found |= set_up_otherwise(self._outline, self._made, tuple(lines))
        if self._outline.kind in PROGRAMS:
            found |= done_twice(self._texts.base, self._made)
            found |= counted_alike(self._texts.base, self._made)
        found |= at_one_place(self._outline, self._texts.base, *self._made)
        if self._outline.kind in _DOCUMENTS:
            found |= of_another_thing(self._texts.base, self._made)
        if self._outline.kind is Format.YAML:
            found |= of_another_action(self._texts.base, self._texts.sides, self._made)
        merged = self._places(lines)
        if gone := {name for _, name in self._lost(merged)}:
            base = self._texts.base
            found |= with_line(
                base, self._made, lambda text: not gone.isdisjoint(self._names(text))
            )
        for name in self._surplus(merged, lines):
            if is_of_the_file(name[1]) or not self._is_same_line(merged[name], lines):
                ours, theirs = self._changes_of(name)
                if not (ours and theirs):  # what it belongs to goes by another name on one side
                    texts = {lines[at] for at in merged[name]}
                    sides = ({x for x in side if texts & {*x.lines}} for side in self._made)
                    ours, theirs = (a or b for a, b in zip((ours, theirs), sides, strict=True))
                found |= ours | theirs if ours and theirs else set()
        return found

    def unbound(self, lines: Sequence[bytes]) -> set[Change]:
        """The changes by which one side speaks of what the other took away, in a merge without a conflict."""
        return gone_and_spoken_of(
            self._outline.kind, self._texts.versions, self._made, tuple(lines)
        )

    def displaced(self, answers: Mapping[Hunk, Lines]) -> set[Change]:
        """The changes by which a line comes to stand under another parent than it was written for.

        Args:
            answers: The lines of the hunks that are settled.
        """
        return self._lineage.displaced(answers)

    def _overruled(self) -> set[Change]:
        """The changes that say different things of one path: the order in which they stand decides."""
        kind = self._outline.kind
        if kind not in LAST_DECIDES:
            return set()
        ours, theirs = ([(text, x) for x in side for text in x.lines] for side in self._made)
        return {
            change
            for text, mine in ours
            for other, yours in theirs
            if mine != yours and decide_by_order(kind, text, other)
            for change in (mine, yours)
        }

    def _hidden(self, lines: Sequence[bytes]) -> set[Change]:
        """The changes that bring a route behind one of the other side that gets its requests."""
        if self._outline.kind not in PROGRAMS:
            return set()
        brought = [{route: x for x in side for _, route in routes(x.lines)} for side in self._made]
        if found := self._of_other_routers(brought):
            return found
        places = {route: at for at, route in routes(lines)}
        return {
            change
            for one, other in (brought, reversed(brought))
            for first, mine in one.items()
            for second, yours in other.items()
            if places.get(first, 0) < places.get(second, 0) and hides(first, second)
            for change in (mine, yours)
        }

    def _of_other_routers(self, brought: Sequence[Mapping[Route, Change]]) -> set[Change]:
        """The changes of which one changes a router for all of its routes, and the other brings another route of it."""
        base = self._texts.base
        found: set[Change] = set()
        for made, routed in zip(self._made, reversed(brought), strict=True):
            for change in made:
                was, now = routers(base[change.start : change.end]), routers(change.lines)
                both = was.keys() & now.keys()
                other = {x for x in both if not is_same_for_all(was[x], now[x])}
                of_it = {x for route, x in routed.items() if route.router in other}
                found |= {change, *of_it} if of_it else set()
        return found

    def _names(self, text: bytes) -> frozenset[bytes]:
        return names(text.strip(), self._outline.kind)

    def doubts(self, lines: Sequence[bytes]) -> tuple[Doubt, ...]:
        """What both sides brought in the same words, at two places; of lines in a row, the first."""
        merged = self._places(lines, whole_lines=True)
        surplus_names = self._surplus(merged, lines, whole_lines=True)
        twice = {
            max(at)
            for name, at in merged.items()
            if name in surplus_names
            and len(at) > 1
            and len(name[1]) >= _TELLING
            and len({bare(lines[i]) for i in at}) == 1
            and all(self._changes_of(name, whole_lines=True))
        } | self._brought_apart(lines)
        first = sorted(at for at in twice if at - 1 not in twice)
        return tuple(Doubt(at + 1, lines[at].strip()) for at in first)

    def _brought_apart(self, lines: Sequence[bytes]) -> set[int]:
        """Where a line or a command stands that both sides brought, each below another parent: the second."""
        versions: Sequence[Sequence[bytes]] = (*self._texts.versions, lines)
        ways = [(called, versions), (bare, versions)]
        mine, yours = ({text for x in side for text in x.lines} for side in self._made)
        if mine & yours:
            kind = self._outline.kind
            ways.append((bare, [[*statements.commands(x, kind)] for x in versions]))
        found: set[int] = set()
        for word_of, (was, *sides, merged) in ways:
            base = set(map(word_of, was))
            ours, theirs = (Counter(map(word_of, side)) for side in sides)
            places: dict[bytes, list[int]] = {}
            for at, text in enumerate(merged):
                word = word_of(text)
                is_new = ours[word] == theirs[word] == 1 and word not in base
                if is_new and self._tells(text):
                    places.setdefault(word, []).append(at)
            found |= {at[1] for at in places.values() if len(at) > 1}
        return found

    def _tells(self, text: bytes) -> bool:
        """Whether a line says so much that it is one thing wherever it stands."""
        word = bare(text)
        if self._outline.kind in _COMMANDS and _COMMAND.match(word) and len(word) >= _PHRASE:
            return True  # a command: one side may have put elsewhere what both had brought
        if self._outline.kind in PROSE and len(word) >= _SENTENCE and has_word(word):
            return True
        if self._outline.kind is Format.SQL and text[:1].isspace():
            return False  # tables have columns of one name
        return len(word) >= _TELLING and bool(self._names(text))

    def _places(self, lines: Sequence[bytes], *, whole_lines: bool = False) -> Places:
        if not self._wanted:
            return {}
        aliases = self._lineage.aliases
        return places(self._outline, lines, self._wanted, aliases, whole_lines=whole_lines)

    def _in_versions(self, *, whole_lines: bool = False) -> tuple[Places, Places, Places]:
        if whole_lines not in self._counted:
            base, ours, theirs = (
                self._places(x, whole_lines=whole_lines) for x in self._texts.versions
            )
            self._counted[whole_lines] = base, ours, theirs
        return self._counted[whole_lines]

    def _lost(self, merged: Places) -> set[Name]:
        """What nobody took away: which of two equal lines one side deletes, a line merge may guess."""
        return lost(*self._in_versions(), merged)

    def _surplus(
        self, merged: Places, lines: Sequence[bytes], *, whole_lines: bool = False
    ) -> set[Name]:
        found = surplus(*self._in_versions(whole_lines=whole_lines), merged)
        return {
            name
            for name in found
            if name[1] not in self._recurring
            or any(starmap(partial(self._outline.are_in_one, lines), pairwise(merged[name])))
        }

    def _is_same_line(self, at: Sequence[int], lines: Sequence[bytes]) -> bool:
        """Whether a name stands twice in the same words, and nothing belongs to either."""
        if len(at) < 2 or len({bare(lines[i]) for i in at}) > 1:
            return False
        return not any(self._is_parent(i, lines) for i in at)

    def _is_parent(self, at: int, lines: Sequence[bytes]) -> bool:
        if self._outline.kind in PROSE:
            return (
                not lines[at].lstrip().startswith(b"|")
            )  # all other names that are not the file's are headings
        if self._outline.opens_section(lines[at]):
            return True
        following = next((line for line in lines[at + 1 :] if line.strip()), b"")
        return level(following) > level(lines[at])

    def _changes_of(
        self, name: Name, *, whole_lines: bool = False
    ) -> tuple[set[Change], set[Change]]:
        """The changes of our side, and of theirs, that brought or took away a name."""
        base, *sides = self._counted[whole_lines]
        ours, theirs = (
            set(_touching(made, base.get(name, ()), side.get(name, ())))
            for made, side in zip(self._made, sides, strict=True)
        )
        return ours, theirs


def _touching(made: Sequence[Change], old: Sequence[int], new: Sequence[int]) -> Iterator[Change]:
    """The changes that took away some lines of base, or brought some of the side."""
    for change, brought in placed(made):
        if any(change.start <= at < change.end for at in old) or any(at in brought for at in new):
            yield change

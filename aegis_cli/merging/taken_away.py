"""What both sides took away, of which one may have brought it elsewhere: moved, edited, renamed or in other words.

A merge of lines takes it away and brings it: then somebody's deletion is undone, or somebody's edit is of a thing that
is gone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from aegis_cli.merging import statements
from aegis_cli.merging.diff3 import Change, Lines
from aegis_cli.merging.formats import PROGRAMS, PROSE, Format
from aegis_cli.merging.likeness import may_be_reworded
from aegis_cli.merging.line_endings import Texts
from aegis_cli.merging.names import bare, names, value
from aegis_cli.merging.tally import most
from aegis_cli.merging.tally import moved as moved_by

_BLOCK = re.compile(rb"(?<=:\s)[|>][-+\d]*$")
_PATH = re.compile(rb"(\[?)((?:[\w-]+\.)*)([\w-]+)")  # a table of TOML, or a key with dots


class TakenAway:
    """Looks for what both sides took away in what they brought."""

    def __init__(self, kind: Format, texts: Texts, made: Sequence[Sequence[Change]]) -> None:
        """Prepare for merged files.

        Args:
            kind: Of what kind of text.
            texts: The three versions.
            made: What our side changed, and what theirs did.
        """
        self._kind = kind
        self._texts = texts
        self._made = made
        ours, theirs = ({at for x in side for at in range(x.start, x.end)} for side in made)
        self._both = ours & theirs  # lines of base

    def moved(self, lines: Sequence[bytes]) -> set[Change]:
        """The changes that move what the other side moved elsewhere, or took away."""
        base, ours, theirs = versions = self._texts.versions
        made = self._made
        gone = [
            {bare(text) for change in side for text in base[change.start : change.end]}
            for side in made
        ]
        suspects = (moved_by(base, ours) | moved_by(base, theirs)) & gone[0] & gone[1]
        if not suspects:
            return set()
        merged, *counts = (
            Counter(word for text in x if (word := bare(text)) in suspects)
            for x in (lines, *versions)
        )
        wrong = {word for word in merged if merged[word] > most(*(count[word] for count in counts))}
        # Where a side takes away another such line as well, nobody knows which of them it has moved.
        both = {bare(base[at]) for at in self._both}
        come = [Counter(bare(text) for x in side for text in x.lines) for side in made]
        wrong |= {word for word in suspects & both if come[0][word] != come[1][word]}
        return with_line(base, self._made, lambda text: bare(text) in wrong)

    def come_again(self, lines: Sequence[bytes]) -> set[Change]:
        """The changes by which one side brings what the other took away, in a line of its own."""
        return self._brought_back(lines) | self._renamed() | self._reworded()

    def _brought_back(self, lines: Sequence[bytes]) -> set[Change]:
        """The changes by which one side moves and edits what the other took away: its name stands there too often."""
        versions = self._texts.versions
        base = versions[0]
        suspects = {name for at in self._both for name in self._names_anywhere(base[at])}
        if not suspects:
            return set()
        was, *sides, merged = (
            Counter(name for text in x for name in self._names_anywhere(text) if name in suspects)
            for x in (*versions, lines)
        )
        wrong = {
            name
            for name in suspects
            if merged[name] > most(was[name], *(side[name] for side in sides))
        }
        return with_line(base, self._made, lambda text: bool(self._names_anywhere(text) & wrong))

    def _renamed(self) -> set[Change]:
        """The changes by which one side gives to another name what stood in a line that both took away."""
        base = self._texts.base
        kept = self._kept_names({name for at in self._both for name in self._names(base[at])})
        given = {self._given(base[at]) for at in self._both if not self._names(base[at]) & kept}
        new = [self._new_lines(side) for side in self._made]
        brought = [self._given_anew(side, mine) for side, mine in zip(self._made, new, strict=True)]
        # Both may have given it another name, and each its own.
        said_by_one = set(new[0]) ^ set(new[1])
        either = (brought[0] ^ brought[1]) | {*map(self._given, said_by_one)}
        wrong = given & either & (brought[0] | brought[1])
        if given - {b""}:  # what both had given something else may go by two names
            wrong |= set.intersection(
                *({*map(self._given, x & said_by_one)} for x in map(set, new))
            )
        wrong -= {b""}
        if not wrong:
            return set()
        return with_line(base, self._made, lambda text: self._given(text) in wrong)

    def _new_lines(self, side: Sequence[Change]) -> Counter[bytes]:
        """The lines that a side brings, without those that it only moves."""
        return self._lines_of(side) - self._old_lines(side)

    @staticmethod
    def _lines_of(side: Sequence[Change]) -> Counter[bytes]:
        return Counter(bare(text) for x in side for text in x.lines)

    def _old_lines(self, side: Sequence[Change]) -> Counter[bytes]:
        base = self._texts.base
        return Counter(bare(base[at]) for x in side for at in range(x.start, x.end))

    def _given_anew(self, side: Sequence[Change], new: Counter[bytes]) -> set[bytes]:
        """What a side's new lines give to some name, without what only got another name where it stood."""
        base = self._texts.base
        given = Counter(map(self._given, new.elements()))
        lines = [text for x in side for text in x.lines]
        gone = self._old_lines(side) - self._lines_of(side)
        for x in side:
            own = (base[at] for at in range(x.start, x.end) if at not in self._both)
            given.subtract(
                self._given(was) for was in own if bare(was) in gone and self._is_in(was, x, lines)
            )
        return set(+given)

    def _reworded(self) -> set[Change]:
        """The changes by which one side says or does elsewhere, in other words, what both took away."""
        kind = self._kind
        is_version: Callable[[bytes, bytes], bool] = may_be_reworded
        if kind in statements.STEPS or kind is Format.SHELL:
            is_version = statements.is_one_step
        elif kind in PROGRAMS:
            is_version = statements.is_one_call
        elif kind not in PROSE and kind is not Format.SQL:
            return set()
        base = self._texts.base
        come = [{text for x in side for text in x.lines} for side in self._made]
        away = {base[at] for at in self._both} - come[0] - come[1]
        away = {
            text for text in away if not text.startswith(b".PHONY")
        }  # names, and nothing that is run
        wrong = {text for text in come[0] ^ come[1] if any(is_version(was, text) for was in away)}
        return {x for side in self._made for x in side if not wrong.isdisjoint(x.lines)}

    def _is_in(self, was: bytes, change: Change, brought: Sequence[bytes]) -> bool:
        """Whether a change gives what a line gave, be it to another name: unless that name is given something else."""
        called = self._names(was)
        now = [text for text in brought if self._names(text) & called] or change.lines
        return self._given(was) in map(self._given, now)

    def _kept_names(self, suspects: set[bytes]) -> set[bytes]:
        """The names that stand as often as before on one side at least, be it elsewhere."""
        if not suspects:
            return set()
        was, *sides = (
            Counter(name for text in x for name in self._names(text) if name in suspects)
            for x in self._texts.versions
        )
        return {name for name in suspects if any(side[name] >= was[name] for side in sides)}

    def _given(self, text: bytes) -> bytes:
        """What a line gives to a name; of a text on the lines below, how that begins."""
        if self._kind is Format.YAML and (block := _BLOCK.search(text.strip())):
            return block[0]
        return value(text) or statements.arguments(text, self._kind)

    def _names(self, text: bytes) -> frozenset[bytes]:
        return names(text.strip(), self._kind)

    def _names_anywhere(self, text: bytes) -> frozenset[bytes]:
        """The names of a line, whatever it belongs to: of TOML, without the tables in front of them."""
        found = self._names(text)
        if self._kind is not Format.TOML:
            return found
        paths = filter(None, map(_PATH.fullmatch, found))
        return found | {b"." + path[3] for path in paths if path[1] or path[2]}


def with_line(
    base: Lines, made: Sequence[Sequence[Change]], is_one: Callable[[bytes], bool]
) -> set[Change]:
    """The changes that bring or take away a line of some kind."""
    return {
        change
        for side in made
        for change in side
        if any(map(is_one, (*base[change.start : change.end], *change.lines)))
    }

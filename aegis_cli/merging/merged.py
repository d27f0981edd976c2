"""A file's three versions and their merge, in which hunks are answered or not."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence, Set
from dataclasses import dataclass

from aegis_cli.merging.diff3 import Change, Hunk, Lines, merge, replay
from aegis_cli.merging.line_endings import Texts
from aegis_cli.merging.settlement import Settlement

Answers = Mapping[int, Settlement]


@dataclass(frozen=True, slots=True)
class Merged:
    """Three versions in lines, and their merge: merged lines, and hunks that are answered or not.

    Answers are kept by the position of their hunk in `parts`.
    """

    texts: Texts
    parts: Sequence[bytes | Hunk]

    @classmethod
    def of(cls, texts: Texts, doubted: Container[Change] = ()) -> Merged:
        """Merge three versions."""
        return cls(texts, merge(*texts.versions, doubted=doubted))

    @property
    def hunks(self) -> dict[int, Hunk]:
        """The hunks, by their position in `parts`."""
        return {i: part for i, part in enumerate(self.parts) if isinstance(part, Hunk)}

    def left(self, answers: Answers, doubted: Set[Change] = frozenset()) -> dict[int, Hunk]:
        """The hunks that are not answered, without those of changes that are doubted."""
        return {
            at: hunk
            for at, hunk in self.hunks.items()
            if at not in answers and doubted.isdisjoint((*hunk.ours, *hunk.theirs))
        }

    def ours(self, hunk: Hunk) -> Lines:
        """Our side of a hunk."""
        return replay(self.texts.base, hunk.start, hunk.end, hunk.ours)

    def theirs(self, hunk: Hunk) -> Lines:
        """Their side of a hunk."""
        return replay(self.texts.base, hunk.start, hunk.end, hunk.theirs)

    def lines(self, answers: Answers) -> list[bytes]:
        """The file with some hunks answered, and our side of all others."""
        lines: list[bytes] = []
        for position, part in enumerate(self.parts):
            if isinstance(part, bytes):
                lines.append(part)
            else:
                lines += answers[position].lines if position in answers else self.ours(part)
        return lines

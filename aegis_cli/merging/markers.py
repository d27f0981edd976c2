"""Conflicts as git writes them: both sides between markers, and what they agree on outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aegis_cli.merging.diff import Edit, diff

# Conflicts with no more than this many lines in between are shown as one, as git does.
_CLOSE = 3


@dataclass(frozen=True, slots=True)
class Markers:
    """How conflicts are written in one file.

    Attributes:
        ours: The label of our side.
        theirs: The label of their side.
        size: How many characters a marker is wide.
        line_end: The line ending of the markers, and of a last line that has none.
    """

    ours: str
    theirs: str
    size: int
    line_end: bytes

    def show(self, ours: Sequence[bytes], theirs: Sequence[bytes]) -> tuple[list[bytes], int]:
        """Write down two sides that have no common answer.

        Args:
            ours: Our lines.
            theirs: Their lines.

        Returns:
            The lines with markers, and how many conflicts they hold: one for each place where the
            sides differ.
        """
        lines: list[bytes] = []
        position = 0
        places = _places(diff(ours, theirs))
        for place in places:
            lines += ours[position : place.start]
            lines.append(self._marker("<", self.ours))
            lines += self._ended(ours[place.start : place.end])
            lines.append(self._marker("=", ""))
            lines += self._ended(theirs[place.new_start : place.new_end])
            lines.append(self._marker(">", self.theirs))
            position = place.end
        return [*lines, *ours[position:]], len(places)

    def _marker(self, sign: str, label: str) -> bytes:
        return f"{sign * self.size} {label}".rstrip().encode() + self.line_end

    def _ended(self, lines: Sequence[bytes]) -> Iterator[bytes]:
        return (line if line.endswith(b"\n") else line + self.line_end for line in lines)


def _places(edits: list[Edit]) -> list[Edit]:
    """Join the differences that stand close together."""
    places: list[Edit] = []
    for edit in edits:
        if places and edit.start - places[-1].end <= _CLOSE:
            last = places.pop()
            edit = Edit(last.start, edit.end, last.new_start, edit.new_end)
        places.append(edit)
    return places

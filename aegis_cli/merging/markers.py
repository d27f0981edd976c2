"""Conflicts as git writes them: both sides between markers, and what they agree on outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aegis_cli.merging.diff import Edit, diff
from aegis_cli.merging.spans import Span

# Conflicts with no more than this many lines in between are shown as one, as git does.
_CLOSE = 3
# git's attributes can make markers wider, not narrower.
_NARROWEST = 7


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


@dataclass(frozen=True, slots=True)
class Marked:
    """A conflict that stands in a file.

    Attributes:
        start: The index of its first line, a marker.
        end: The index behind its last.
        ours: Which lines our side has, in the file as it is with our side throughout.
        theirs: Which lines their side has, in the file with theirs.
    """

    start: int
    end: int
    ours: Span
    theirs: Span


@dataclass(frozen=True, slots=True)
class Sides:
    """A file with conflicts, taken apart.

    Attributes:
        marked: Its conflicts.
        ours: The lines with our side throughout.
        theirs: The lines with their side throughout.
    """

    marked: tuple[Marked, ...]
    ours: tuple[bytes, ...]
    theirs: tuple[bytes, ...]


def read(lines: Sequence[bytes]) -> Sides:
    """Read the conflicts of a file, in any of git's styles; markers without their counterparts are text."""
    found: list[Marked] = []
    ours: list[bytes] = []
    theirs: list[bytes] = []
    position = 0
    while position < len(lines):
        size = _opening(lines[position])
        places = _closed(lines, position, size) if size else None
        if places is None:
            ours.append(lines[position])
            theirs.append(lines[position])
            position += 1
            continue
        middle, split, last = places
        our_lines, their_lines = lines[position + 1 : middle], lines[split + 1 : last]
        spans = [
            (len(side), len(side) + len(new))
            for side, new in ((ours, our_lines), (theirs, their_lines))
        ]
        found.append(Marked(position, last + 1, spans[0], spans[1]))
        ours += our_lines
        theirs += their_lines
        position = last + 1
    return Sides(tuple(found), tuple(ours), tuple(theirs))


def _opening(line: bytes) -> int:
    """Return how wide the marker is that a line opens a conflict with; 0 where it does not."""
    size = len(line) - len(line.lstrip(b"<"))
    return size if size >= _NARROWEST and _is_marker(line, b"<", size) else 0


def _is_marker(line: bytes, sign: bytes, size: int) -> bool:
    return line.startswith(sign * size) and line[size : size + 1] in (b" ", b"\r", b"\n", b"")


def _closed(lines: Sequence[bytes], start: int, size: int) -> tuple[int, int, int] | None:
    """Return where our side ends, where theirs begins behind, and where the conflict ends; None where it does not."""
    middle = split = None
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if split is None and middle is None and _is_marker(line, b"|", size):
            middle = number
        elif split is None and _is_marker(line, b"=", size):
            split = number
        elif split is not None and _is_marker(line, b">", size):
            return (split if middle is None else middle), split, number
        elif _is_marker(line, b"<", size):
            return None
    return None

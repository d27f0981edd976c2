"""How near what a template renders to is to a project that its users have worked on.

What is counted is what somebody would have to do to get from the one to the other: a stretch of lines changed, a file
deleted, a file taken from another version of the template. To delete a file is one small deed, whatever its length; to
have a file of the template by chance is none that anybody does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aegis_cli.git.objects import EXECUTABLE, REGULAR, Files
from aegis_cli.merging.diff import diff

_FOREIGN = 10.0  # a file that has nothing in common with the project's, or is not there at all
_DELETED = 0.5
_UNEQUAL = 0.1  # however small the difference
_LARGEST = 1024 * 1024  # bytes that are compared line by line


@dataclass(frozen=True)
class Nearness:
    """How near a rendering is to a project.

    Attributes:
        equal: Files that the project has as they are rendered.
        changed: Files that it has otherwise.
        missing: Files that it does not have.
        share: How much of the template is there: from 0 to 1.
        distance: What it takes to get from the one to the other. Only to be compared with that of other renderings.
    """

    equal: int
    changed: int
    missing: int
    share: float
    distance: float

    @property
    def rank(self) -> tuple[float, int]:
        """Smaller is nearer."""
        return round(self.distance, 6), -self.equal


class Likeness:
    """Compares renderings with a project; what was compared once is kept.

    Args:
        files: The project's files.
        read: Reads contents, the project's and rendered ones, by id.
    """

    def __init__(self, files: Files, read: Callable[[str], bytes]) -> None:
        self._files = files
        self._read = read
        self._pairs: dict[tuple[str, str], tuple[float, float]] = {}
        self._lines: dict[str, list[bytes] | None] = {}

    def of(self, rendered: Files) -> Nearness:
        """Return how near a rendering is."""
        equal = changed = missing = 0
        share = distance = 0.0
        for path, entry in rendered.items():
            mine = self._files.get(path)
            if mine is None:
                missing += 1
                distance += _DELETED
                continue
            distance -= _FOREIGN  # what stands for each file of the project that is not rendered
            if mine[1] == entry[1]:
                equal += 1
                share += 1
                continue
            changed += 1
            cost, alike = self._pair(entry, mine)
            distance += cost
            share += alike
        return Nearness(
            equal, changed, missing, share / len(rendered) if rendered else 0.0, distance
        )

    def _pair(self, one: tuple[str, str], other: tuple[str, str]) -> tuple[float, float]:
        """Return (what it takes to get from a rendered content to the project's, how much of it is there)."""
        key = one[1], other[1]
        if key not in self._pairs:
            is_text = {one[0], other[0]} <= {REGULAR, EXECUTABLE}
            sides = [self._of(oid) if is_text else None for oid in key]
            self._pairs[key] = _compared(*sides) if None not in sides else (_FOREIGN, 0.0)
        return self._pairs[key]

    def _of(self, oid: str) -> list[bytes] | None:
        if oid not in self._lines:
            content = self._read(oid)
            fits = len(content) <= _LARGEST and b"\0" not in content
            # Line ends, and spaces before them, are what editors change by themselves.
            self._lines[oid] = [line.rstrip() for line in content.splitlines()] if fits else None
        return self._lines[oid]


def _compared(one: list[bytes] | None, other: list[bytes] | None) -> tuple[float, float]:
    """Compare rendered lines with the project's."""
    assert one is not None and other is not None  # noqa: S101, PT018  (for the type checker)
    edits = diff(one, other)
    same = len(one) - sum(edit.end - edit.start for edit in edits)
    # What its users added to a file does not take anything of the template away.
    alike = same / len(one) if one else 1.0
    return min(_FOREIGN, _UNEQUAL + len(edits) + _FOREIGN * (1 - alike)), alike

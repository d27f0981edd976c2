"""Merge one file's three versions, and settle the hunks that have one right answer.

Pure: bytes in, values out. What git would merge comes out as git merges it. Of the hunks that git
leaves as conflicts, those are settled that `rules` answers, if the file still parses; all others
stand there with conflict markers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from aegis_cli.merging.diff3 import Hunk, Lines, merge, replay
from aegis_cli.merging.line_endings import Texts, split, unify
from aegis_cli.merging.markers import Markers
from aegis_cli.merging.rules import (
    BOTH_INSERTED,
    CONTAINED,
    SAME_CHANGE,
    TOUCHING_EDITS,
    Rules,
    Settlement,
)
from aegis_cli.merging.syntax import Parses, parser_for

LINE_ENDINGS = "line endings"

RULES = (BOTH_INSERTED, TOUCHING_EDITS, CONTAINED, SAME_CHANGE, LINE_ENDINGS)


@dataclass(frozen=True, slots=True)
class Settled:
    """A hunk that had one right answer.

    Attributes:
        line: Where it stands in the merged file, counted from 1.
        rule: The rule that answered it, one of `RULES`.
    """

    line: int
    rule: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """A merged file.

    Attributes:
        content: The file; with conflict markers around the hunks that are left to the user.
        settled: The hunks that git would have left, and that have an answer here; in file order.
        conflicts: How many conflicts the file holds: 0 if it is merged.
    """

    content: bytes
    settled: tuple[Settled, ...]
    conflicts: int


_Answers = Mapping[int, Settlement]


@dataclass(frozen=True, slots=True)
class _Merge:
    """Three versions in lines, and their merge: merged lines, and hunks that are answered or not.

    Answers are kept by the position of their hunk in `parts`.
    """

    texts: Texts
    parts: Sequence[bytes | Hunk]

    @classmethod
    def of(cls, texts: Texts) -> _Merge:
        """Merge three versions."""
        return cls(texts, merge(texts.base, texts.ours, texts.theirs))

    @property
    def hunks(self) -> dict[int, Hunk]:
        """The hunks, by their position in `parts`."""
        return {i: part for i, part in enumerate(self.parts) if isinstance(part, Hunk)}

    def ours(self, hunk: Hunk) -> Lines:
        """Our side of a hunk."""
        return replay(self.texts.base, hunk.start, hunk.end, hunk.ours)

    def theirs(self, hunk: Hunk) -> Lines:
        """Their side of a hunk."""
        return replay(self.texts.base, hunk.start, hunk.end, hunk.theirs)

    def content(self, answers: _Answers) -> bytes:
        """The file with some hunks answered, and our side of all others."""
        lines: list[bytes] = []
        for position, part in enumerate(self.parts):
            if isinstance(part, bytes):
                lines.append(part)
            else:
                lines += answers[position].lines if position in answers else self.ours(part)
        return self.texts.join(lines)


def resolve(
    path: str,
    base: bytes | None,
    ours: bytes,
    theirs: bytes,
    *,
    labels: tuple[str, str, str] = ("ours", "base", "theirs"),
    marker_size: int = 7,
    removing: bool = False,
) -> Resolution:
    """Merge a file.

    Args:
        path: The file's path in the project, with forward slashes. Its name says which syntax the
            merged file
            has to keep.
        base: The version that both sides started from; None if both added the file.
        ours: The user's version.
        theirs: The template's version.
        labels: What stands behind the conflict markers, as (ours, base, theirs). Base is not shown.
        marker_size: How many characters a conflict marker is wide.
        removing: Theirs only takes out what a component had brought.

    Returns:
        The merged file. Binary content that both sides changed is one conflict, with our version as
        it is.
    """
    if ours in (theirs, base):
        return Resolution(theirs, (), 0)
    if theirs == base:
        return Resolution(ours, (), 0)
    if any(b"\0" in content for content in (base or b"", ours, theirs)):
        return Resolution(ours, (), 1)
    exact = _Merge.of(Texts(split(base or b""), split(ours), split(theirs)))
    if not exact.hunks:
        return Resolution(exact.content({}), (), 0)
    markers = Markers(labels[0], labels[2], marker_size, exact.texts.line_end)
    parses = parser_for(path)
    if parses and not parses(ours):
        return _write(exact, {}, markers)
    settled = _settle(path, exact, markers, parses, added=base is None, removing=removing)
    return settled or _write(exact, {}, markers)


def _settle(
    path: str,
    exact: _Merge,
    markers: Markers,
    parses: Parses | None,
    *,
    added: bool,
    removing: bool,
) -> Resolution | None:
    """Answer what has an answer; None if nothing has, or no answer leaves a file that parses."""
    contested_end = any(hunk.end == len(exact.texts.base) for hunk in exact.hunks.values())
    texts, recoded = unify(exact.texts, added=added, contested_end=contested_end)
    merged = _Merge.of(texts) if texts != exact.texts else exact
    rules = Rules(path, texts.base, added=added, removing=removing)
    found = {position: rules.settle(hunk) for position, hunk in merged.hunks.items()}
    answers: _Answers = {position: answer for position, answer in found.items() if answer}
    answers = _parsing(merged, answers, parses) if parses else answers
    by_endings = recoded or len(merged.hunks) < len(exact.hunks)
    if by_endings and (parses is None or parses(merged.content(answers))):
        return _write(merged, answers, markers, by_endings_at=min(exact.hunks) + 1)
    return _write(merged, answers, markers) if answers and not by_endings else None


def _parsing(merged: _Merge, answers: _Answers, parses: Parses) -> _Answers:
    """The answers that leave a file that parses: all, else those that do one after the other."""
    if not answers or parses(merged.content(answers)):
        return answers
    kept: dict[int, Settlement] = {}
    for position, answer in answers.items():
        if parses(merged.content({**kept, position: answer})):
            kept[position] = answer
    return kept


def _write(
    merged: _Merge, answers: _Answers, markers: Markers, by_endings_at: int | None = None
) -> Resolution:
    """Write the file down: merged lines, answers, and conflicts for what has no answer."""
    lines: list[bytes] = []
    settled = [] if by_endings_at is None else [Settled(by_endings_at, LINE_ENDINGS)]
    conflicts = 0
    ends_in_conflict = False
    for position, part in enumerate(merged.parts):
        if isinstance(part, bytes):
            lines.append(part)
        elif position in answers:
            answer = answers[position]
            settled += [Settled(len(lines) + at + 1, rule) for at, rule in answer.rules]
            lines += answer.lines
        else:
            shown, count = markers.show(merged.ours(part), merged.theirs(part))
            lines += shown
            conflicts += count
        ends_in_conflict = isinstance(part, Hunk) and position not in answers
    content = merged.texts.join(lines, cut=False if ends_in_conflict else None)
    # What was removed at the end of a file is said to stand at its last line.
    settled = [replace(one, line=min(one.line, max(len(lines), 1))) for one in settled]
    return Resolution(content, tuple(sorted(settled, key=lambda one: one.line)), conflicts)

"""Names that one side's new lines speak of, while the other side took them away or renamed them.

A merge of lines sees nothing in that, and the file still parses. Looked for where a line says so without a doubt: in
Python by its syntax; in other formats by `references`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

from aegis_cli.merging.bindings import unbound
from aegis_cli.merging.code_calls import no_more_fitting
from aegis_cli.merging.diff3 import Change, Lines
from aegis_cli.merging.finders import Finds
from aegis_cli.merging.formats import Format
from aegis_cli.merging.references import REFERENCES

_NAMES = re.compile(rb"[^\W\d]\w*|[\x80-\xff]+")
_DEFINES = re.compile(rb"\s*(?:(?:async\s+)?def|class)\s+(\w+)")

# So long names, at least: shorter ones may be anything.
_TELLING = 2


def gone_and_spoken_of(
    kind: Format,
    versions: tuple[Lines, Lines, Lines],
    made: Sequence[Sequence[Change]],
    merged: Lines,
) -> set[Change]:
    """The changes of which one takes a name away and the other speaks of it.

    Args:
        kind: Of what kind of text.
        versions: Base, ours and theirs.
        made: The changes of our side, and of theirs.
        merged: What they were merged to, with no conflict left.
    """
    base, ours, theirs = versions
    if kind is Format.PYTHON:
        if not _may_concern(base, made):
            return set()
        lost = unbound(*map(b"".join, (base, ours, theirs, merged)))
    else:
        lost = _lost(kind, base, (ours, theirs), made)
        if kind is Format.CODE:
            lost = chain(lost, no_more_fitting(base, (ours, theirs), made))
    found: set[Change] = set()
    for name, loser in lost:
        is_said = re.compile(rb"(?<![\w-])" + re.escape(name) + rb"(?![\w-])", re.IGNORECASE).search
        taking = {x for x in made[loser] if any(map(is_said, base[x.start : x.end]))}
        taking = taking or {x for x in made[loser] if any(map(is_said, x.lines))}
        speaking = {x for x in made[1 - loser] if any(map(is_said, x.lines))}
        found |= taking | speaking if speaking else set()
    return found


def _may_concern(base: Lines, made: Sequence[Sequence[Change]]) -> bool:
    """Whether one side brings a word that the other brings or takes away, be it from one line, or what is called."""
    taken, come = (
        [
            {word for x in side for text in lines(x) for word in _NAMES.findall(text)}
            for side in made
        ]
        for lines in (lambda x: base[x.start : x.end], lambda x: x.lines)
    )
    if come[0] & come[1] or any(taken[loser] & come[1 - loser] for loser in (0, 1)):
        return True
    # What is called may ask for more by a new line alone.
    defined = {found[1] for text in base if (found := _DEFINES.match(text))}
    return not defined.isdisjoint(come[0] | come[1])


def _lost(
    kind: Format, base: Lines, sides: tuple[Lines, Lines], made: Sequence[Sequence[Change]]
) -> Iterator[tuple[bytes, int]]:
    """Names, with the side that does not declare them any more."""
    for declares, speaks in REFERENCES.get(kind, ()):
        for loser, speaker in ((0, 1), (1, 0)):
            taken = _taken(declares, base, made[loser])
            if not taken:
                continue
            come = Counter(name for x in made[speaker] for text in x.lines for name in speaks(text))
            come.subtract(
                name
                for x in made[speaker]
                for text in base[x.start : x.end]
                for name in speaks(text)
            )
            taken &= {name for name, count in come.items() if count > 0}
            kept = {name for text in sides[loser] for name in declares(text)} if taken else set()
            own = {name for x in made[speaker] for text in x.lines for name in declares(text)}
            if declares is speaks:  # where a name is given and where it is used it looks alike
                own = set()
            for name in sorted(taken - kept - own):
                yield name, loser


def _taken(declares: Finds, base: Lines, made: Sequence[Change]) -> set[bytes]:
    gone = {name for x in made for text in base[x.start : x.end] for name in declares(text)}
    return {name for name in gone if len(name) >= _TELLING}

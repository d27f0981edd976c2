"""What both sides did in a program with one end in view, each at its own place: together it is done twice.

Both fixed one thing, one where a value is given and the other where it is used; or both brought something of their own,
and counted it.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set

from aegis_cli.merging.diff3 import Change, Lines

_CALLED = re.compile(rb"(\w+)\(")
# What is called as often as somebody wants to know.
_TOLD = frozenset({b"debug", b"info", b"warning", b"error", b"exception", b"log", b"print"})
_WORD = re.compile(rb"\w+")
_GIVEN = re.compile(rb"\s*(?:(?:const|let|var)\s+)?([A-Za-z_]\w*)\s*(?::[^=]+)?=(?!=)")
_DEFINES = re.compile(rb"\s*(?:(?:export|async|static)\s+)*(?:def|class|function)\b")
_NUMBER = re.compile(rb"(?<![\w.])\d+(?![\w.])")
_COUNTS = re.compile(rb"\s*assert\b|\s*expect\(|.*\.(?:length|count)\b|.*\blen\(")


def done_twice(base: Lines, made: Sequence[Sequence[Change]]) -> set[Change]:
    """The changes of which one gives a value that the other uses, and both call now what neither had called there."""
    ours, theirs = (
        {x: called for x in side if x.lines and x.growth == 0 and (called := _called(base, x))}
        for side in made
    )
    defined = [at for at, text in enumerate(base) if _DEFINES.match(text)]
    return {
        change
        for giving, using in ((ours, theirs), (theirs, ours))
        for one, other in _handed_on(giving, using)
        if giving[one] & using[other]
        and bisect(defined, one.end - 1) == bisect(defined, other.start - 1)
        for change in (one, other)
    }


def _handed_on(
    giving: Iterable[Change], using: Iterable[Change]
) -> Iterator[tuple[Change, Change]]:
    """Each change that gives a value to a name, with those behind it that speak of that name."""
    speaking: dict[bytes, list[Change]] = {}
    for change in using:
        for word in {word for text in change.lines for word in _WORD.findall(text)}:
            speaking.setdefault(word, []).append(change)
    for change in giving:
        for name in {found[1] for text in change.lines if (found := _GIVEN.match(text))}:
            yield from ((change, x) for x in speaking.get(name, ()) if change.end <= x.start)


def counted_alike(base: Lines, made: Sequence[Sequence[Change]]) -> set[Change]:
    """What each side brought beside a count that both raised alike: each had only its own in mind."""
    ours, theirs = map(set, made)
    if not any(_is_raised(base, change) for change in ours & theirs):
        return set()
    mine, yours = ({x for x in side if x.growth > 0} for side in (ours - theirs, theirs - ours))
    return mine | yours if mine and yours else set()


def _called(base: Lines, change: Change) -> Set[bytes]:
    """What is called by the lines of a change more often than by those that stood there."""
    now, was = (
        Counter(name for text in lines for name in _CALLED.findall(text))
        for lines in (change.lines, base[change.start : change.end])
    )
    return (now - was).keys() - _TOLD


def _is_raised(base: Lines, change: Change) -> bool:
    """Whether a change only raises the number in a line that says how many there are."""
    return change.growth == 0 and any(
        _COUNTS.match(was) is not None and _NUMBER.split(was) == _NUMBER.split(now) and grown
        for was, now in zip(base[change.start : change.end], change.lines, strict=True)
        for grown in _growths(was, now)
    )


def _growths(was: bytes, now: bytes) -> Iterator[bool]:
    for a, b in zip(_NUMBER.findall(was), _NUMBER.findall(now), strict=False):
        yield int(a) < int(b)

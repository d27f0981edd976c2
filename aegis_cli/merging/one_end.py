"""What both sides did in a program with one end in view, each at its own place: together it is done twice.

Both fixed one thing, one where a value is given and the other where it is used; or both brought something of their own,
and counted it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set

from aegis_cli.merging.diff3 import Change, Lines

_CALLED = re.compile(rb"(\w+)\(")
# What is called as often as somebody wants to know.
_TOLD = frozenset({b"debug", b"info", b"warning", b"error", b"exception", b"log", b"print"})
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
    return {
        change
        for mine, called in ours.items()
        for yours, called_there in theirs.items()
        if mine != yours
        and called & called_there
        and (_gives_to(base, mine, yours) or _gives_to(base, yours, mine))
        for change in (mine, yours)
    }


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


def _gives_to(base: Lines, one: Change, other: Change) -> bool:
    """Whether a change gives a value to a name of which a change behind it, in the same function, speaks."""
    if one.end > other.start or any(map(_DEFINES.match, base[one.end : other.start])):
        return False
    given = {found[1] for text in one.lines if (found := _GIVEN.match(text))}
    return any(not given.isdisjoint(re.findall(rb"\w+", text)) for text in other.lines)


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

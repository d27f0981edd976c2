"""What a settled hunk was made of: which side brought what, and took what away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from aegis_cli.merging.diff3 import Change, Hunk, Lines


@dataclass(frozen=True, slots=True)
class Review:
    """What a settled hunk was made of, as lines behind a `+` or a `-`.

    Attributes:
        ours: What only our side brought or took away.
        theirs: What only their side did.
        both: What both did.
        dropped: What one of them had brought and is not in the answer.
    """

    ours: Lines = ()
    theirs: Lines = ()
    both: Lines = ()
    dropped: Lines = ()


def review_of(base: Lines, hunk: Hunk, answer: Lines) -> Review:
    """Tell which side brought what, and took what away."""
    ours, theirs = _signed(base, hunk.ours), _signed(base, hunk.theirs)
    both = Counter(ours) & Counter(theirs)
    brought = Counter(x[1:] for x in (Counter(ours) | Counter(theirs)).elements() if x[:1] == b"+")
    dropped = brought - Counter(answer)
    return Review(
        _without(ours, both), _without(theirs, both), tuple(both.elements()),
        tuple(dropped.elements()),
    )  # fmt: skip


def _signed(base: Lines, side: Sequence[Change]) -> Lines:
    return tuple(
        sign + text
        for change in side
        for sign, texts in ((b"-", base[change.start : change.end]), (b"+", change.lines))
        for text in texts
        if text.strip()
    )


def _without(lines: Lines, taken: Counter[bytes]) -> Lines:
    left = Counter(taken)
    kept = []
    for line in lines:
        if left[line]:
            left[line] -= 1
        else:
            kept.append(line)
    return tuple(kept)

"""How much alike two lines are."""

from __future__ import annotations

from difflib import SequenceMatcher

# From this likeness on, a line was edited, though it goes by another name now.
SAME = 0.6
# From this likeness on, two lines of prose of some length say one thing.
_REWORDED = 0.85
_SENTENCE = 20
# From this likeness on, they may.
_MAYBE = 0.65
# Of a line that is longer (what a tool has put into one), only its ends are compared: the time goes by its square.
LONGEST = 1000


def likeness(one: bytes, other: bytes) -> float:
    """Say how much two lines share: from 0, nothing, to 1, everything."""
    return _matcher(one, other).ratio()


def reads_alike(one: bytes, other: bytes) -> bool:
    """Whether two lines of prose say one thing in other words."""
    return min(len(one.strip()), len(other.strip())) >= _SENTENCE and _is(one, other, _REWORDED)


def may_be_reworded(one: bytes, other: bytes) -> bool:
    """Whether two lines of prose may say one thing in other words."""
    return _is(one, other, _MAYBE)


def _is(one: bytes, other: bytes, least: float) -> bool:
    matcher = _matcher(one.strip(), other.strip())
    return matcher.real_quick_ratio() >= least and matcher.ratio() >= least


def _matcher(one: bytes, other: bytes) -> SequenceMatcher[int]:
    return SequenceMatcher(None, _ends(one), _ends(other), autojunk=False)


def _ends(line: bytes) -> bytes:
    half = LONGEST // 2
    return line if len(line) <= LONGEST else line[:half] + line[-half:]

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


def likeness(one: bytes, other: bytes) -> float:
    """Say how much two lines share: from 0, nothing, to 1, everything."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def reads_alike(one: bytes, other: bytes) -> bool:
    """Whether two lines of prose say one thing in other words."""
    return min(len(one.strip()), len(other.strip())) >= _SENTENCE and _is(one, other, _REWORDED)


def may_be_reworded(one: bytes, other: bytes) -> bool:
    """Whether two lines of prose may say one thing in other words."""
    return _is(one, other, _MAYBE)


def _is(one: bytes, other: bytes, least: float) -> bool:
    matcher = SequenceMatcher(None, one.strip(), other.strip(), autojunk=False)
    return matcher.real_quick_ratio() >= least and matcher.ratio() >= least

"""A requirement that both sides raised, each to another version: the higher one, for those who ask for that.

It is an answer by policy: that both sides want at least what they wrote is likely, and no text says so.
"""

from __future__ import annotations

import re
from dataclasses import replace

from aegis_cli.merging.diff3 import Change, Hunk, Lines
from aegis_cli.merging.formats import Format

_KINDS = frozenset({Format.REQUIREMENTS, Format.TOML})
_PIN = re.compile(
    rb"(\s*[\"']?[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\])?\s*(?:==|>=)\s*)(\d+(?:\.\d+)*)([\"']?,?\s*)$"
)


def raise_both(base: Lines, hunk: Hunk, kind: Format) -> Hunk | None:
    """Let both sides of a hunk raise to the higher version what each raised to another.

    Args:
        base: The lines that both sides started from.
        hunk: Its changes, cut at lines that were edited one for one.
        kind: Of what kind of text.

    Returns:
        The hunk with these changes alike; None where it has none.
    """
    if kind not in _KINDS:
        return None
    theirs = {(change.start, change.end): change for change in hunk.theirs}
    agreed: dict[tuple[int, int], Change] = {}
    for change in hunk.ours:
        place = change.start, change.end
        other = theirs.get(place, change)
        if other == change or not change.end - change.start == len(change.lines) == 1:
            continue
        if len(other.lines) == 1:
            line = _higher(base[change.start], change.lines[0], other.lines[0])
            agreed |= {place: replace(change, lines=(line,))} if line else {}
    if not agreed:
        return None
    ours, theirs_now = (
        tuple(agreed.get((change.start, change.end), change) for change in side)
        for side in (hunk.ours, hunk.theirs)
    )
    return replace(hunk, ours=ours, theirs=theirs_now)


def _higher(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """The line with the higher version, where both raised it and changed nothing else; None elsewhere."""
    found = [_PIN.match(text) for text in (base, ours, theirs)]
    pins = [pin for pin in found if pin]
    if len(pins) < 3 or len({(pin[1], pin[3]) for pin in pins}) > 1:
        return None
    was, mine, yours = (_version(pin[2]) for pin in pins)
    if mine == yours or not (mine > was and yours > was):
        return None
    return ours if mine > yours else theirs


def _version(text: bytes) -> tuple[int, ...]:
    parts = [int(part) for part in text.split(b".")]
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)

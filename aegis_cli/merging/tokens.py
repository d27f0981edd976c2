"""A hunk merged word by word: a proposal, for a judge who knows what it has to say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aegis_cli.merging.diff3 import Hunk, Lines, merge
from aegis_cli.merging.line_endings import split

_TOKEN = re.compile(
    rb'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|\r?\n[ \t]*|[ \t]+|[^\s"\'#,:=\[\]{}()]+|.',
    re.DOTALL,
)
_MOST = 2000  # tokens of a hunk; more is no hunk that a reader would merge in his head

Tokens = tuple[bytes, ...]


def merge_words(base: Lines, ours: Lines, theirs: Lines) -> Lines | None:
    """Merge a hunk by its words.

    Where both sides put something at one place, ours comes first; where one put something beside what the other
    replaced by its like, both are kept.

    Returns:
        Its lines, or None where both sides changed one word, each in its way.
    """
    tokens = [tuple(_TOKEN.findall(b"".join(lines))) for lines in (base, ours, theirs)]
    if max(map(len, tokens)) > _MOST:
        return None
    merged: list[bytes] = []
    for part in merge(*tokens):
        if isinstance(part, bytes):
            merged.append(part)
            continue
        both = _both(tokens[0], part)
        if both is None:
            return None
        merged += both
    return split(b"".join(merged))


def _both(base: Tokens, hunk: Hunk) -> Sequence[bytes] | None:
    was = base[hunk.start : hunk.end]
    ours, theirs = hunk.sides(base)
    size = len(was)
    kinds = [_kind(token) for token in was]
    if all([_kind(token) for token in side[:size]] == kinds for side in (ours, theirs)):
        replaced = _replaced(was, ours[:size], theirs[:size])
        return None if replaced is None else [*replaced, *ours[size:], *theirs[size:]]
    if all([_kind(token) for token in side[-size:]] == kinds for side in (ours, theirs)):
        replaced = _replaced(was, ours[-size:], theirs[-size:])
        return None if replaced is None else [*ours[:-size], *theirs[:-size], *replaced]
    return None


def _replaced(base: Tokens, ours: Tokens, theirs: Tokens) -> Sequence[bytes] | None:
    if any(was not in (a, b) and a != b for was, a, b in zip(base, ours, theirs, strict=True)):
        return None
    return [b if a == was else a for was, a, b in zip(base, ours, theirs, strict=True)]


def _kind(token: bytes) -> bytes:
    first = token[:1]
    if first in b"\r\n":
        return b"\n"
    return first if first in b" \t#,:=[]{}()" else b"value"

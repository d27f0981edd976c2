"""The rule **layout**: a formatter changes lines, and nothing of what they say.

It takes the lines of the side that says something, where the other one only laid out otherwise what stood there, or
says the same: the file with its lines has the same syntax tree (Python) or the same values in the same order (TOML,
YAML, JSON), and comments beside the same words. That side then
counts as if it had left these lines as they were, or as if it had written the same ones, for all else that is asked
about the merge.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace

from aegis_cli.merging.diff3 import Change, Hunk, Lines
from aegis_cli.merging.formats import Format
from aegis_cli.merging.judge import Remark, remarks
from aegis_cli.merging.line_endings import Texts
from aegis_cli.merging.merged import Answers, Merged
from aegis_cli.merging.review import Review, review_of
from aegis_cli.merging.settlement import LAYOUT, Settlement
from aegis_cli.merging.syntax import quiet, tree_of
from aegis_cli.merging.values import read

# Its text, how many words stand in front, and in how many blocks it has a line of its own; behind something: -1.
Comment = tuple[str, int, int]
Said = tuple[str, tuple[Comment | tuple[Remark, int], ...]]

# Of which it is known what a file says, however it is laid out.
READABLE = frozenset({Format.PYTHON, Format.TOML, Format.YAML, Format.JSON})
_LAID_OUT = {tokenize.NL, tokenize.NEWLINE}
_WORDS = {tokenize.NAME, tokenize.NUMBER}


@dataclass(frozen=True, slots=True)
class Even:
    """A merge in which no side has laid out what the other changed.

    Attributes:
        merged: The merge: its hunks are those that are left, and those that are answered here.
        answers: The lines of the side that says something.
        reviews: What these were made of.
    """

    merged: Merged
    answers: Answers
    reviews: dict[int, Review]


def evened(
    kind: Format, merged: Merged, hunks: Sequence[Hunk], doubted: Set[Change]
) -> Even | None:
    """Answer the hunks of a merge in which one side only laid lines out; None where there are none.

    Args:
        kind: What kind of text it is.
        merged: The merge.
        hunks: Those of its hunks that have no answer.
        doubted: Changes that are not applied, although they merge by themselves.
    """
    texts = merged.texts
    told: dict[Change, tuple[Hunk, Lines]] = {}  # what says something; the hunk, and its answer
    was: Said | None = None
    for hunk in reversed(hunks):  # from behind: where the others stand in each side stays as it is
        mine, yours = merged.ours(hunk), merged.theirs(hunk)
        lines = texts.base[hunk.start : hunk.end]
        if len({*map(letters, (lines, mine, yours))}) == 3:
            continue
        was = was or said(kind, texts.base)
        if was is None:
            return None
        ours, theirs = (_said_with(kind, texts.base, hunk, side) for side in (mine, yours))
        if theirs is not None and theirs in (ours, was):
            put = lines if theirs == was else mine
            texts = replace(texts, theirs=_put(texts.theirs, hunk.their_start, len(yours), put))
            told |= dict.fromkeys(hunk.ours, (hunk, mine))
        elif ours is not None and ours == was:
            texts = replace(texts, ours=_put(texts.ours, hunk.our_start, len(mine), lines))
            told |= dict.fromkeys(hunk.theirs, (hunk, yours))
    return _answered(texts, told, doubted) if told else None


def _answered(
    texts: Texts, told: dict[Change, tuple[Hunk, Lines]], doubted: Set[Change]
) -> Even | None:
    """Merge anew, and answer what is one side's now; None if it is not."""
    even = Merged.of(texts, doubted | told.keys())
    answers: dict[int, Settlement] = {}
    reviews: dict[int, Review] = {}
    known: set[Hunk] = set()
    for at, hunk in even.hunks.items():
        made = told.keys() & {*hunk.ours, *hunk.theirs}
        if not made:
            continue
        if hunk.ours and hunk.theirs and hunk.ours != hunk.theirs:
            return None  # a line that it touches is another one's now
        was, lines = told[min(made)]
        rules = () if was in known else ((0, LAYOUT),)  # it may have come apart
        answers[at] = Settlement(even.theirs(hunk) if hunk.theirs else even.ours(hunk), rules)
        reviews[at] = review_of(texts.base, was, lines)
        known.add(was)
    return Even(even, answers, reviews)


def _said_with(kind: Format, base: Lines, hunk: Hunk, lines: Lines) -> Said | None:
    """What base says with other lines in the place of a hunk."""
    return said(kind, (*base[: hunk.start], *lines, *base[hunk.end :]))


def _put(side: Lines, start: int, length: int, lines: Lines) -> Lines:
    """A side with other lines in the place of some."""
    return (*side[:start], *lines, *side[start + length :])


def letters(lines: Lines) -> bytes:
    """What no formatter changes in lines: cheap to look at, where most lines say something else."""
    return b"".join(re.findall(rb"\w", b"".join(lines))).lower()


def said(kind: Format, lines: Lines) -> Said | None:
    """What a file says, without places, and its comments where they stand; None if it cannot be read."""
    text = b"".join(lines)
    if kind is not Format.PYTHON:
        values = read(kind, text)
        return None if values is None else (repr(values), tuple(sorted(remarks(text).items())))
    tree = tree_of(text)
    try:
        with quiet():
            return None if tree is None else (ast.dump(tree), tuple(_comments(text)))
    except (SyntaxError, tokenize.TokenError, RecursionError):
        return None


def _comments(text: bytes) -> Iterator[Comment]:
    """The comments of a file: of `# noqa`, the line that it stands in is what it says."""
    words = 0
    indents: list[int] = []
    is_open = False  # a comma is no word in front of a bracket that closes: there it comes and goes
    for token in tokenize.tokenize(io.BytesIO(text).readline):
        column = token.start[1]
        if token.type == tokenize.COMMENT:
            depth = sum(indent <= column for indent in indents)
            yield token.string, words, -1 if token.line[:column].strip() else depth
        elif token.type == tokenize.INDENT:
            indents.append(len(token.string))
        elif token.type == tokenize.DEDENT:
            indents.pop()
        elif token.type not in _LAID_OUT:
            words += token.type in _WORDS or (is_open and token.string not in {")", "]", "}"})
            is_open = token.type == tokenize.OP and token.string == ","

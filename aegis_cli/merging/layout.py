"""What Python says, however it is laid out: a formatter changes lines, and nothing of what they say."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from aegis_cli.merging.diff3 import Lines

# Its text, how many words stand in front, and in how many blocks it has a line of its own; behind something: -1.
Comment = tuple[str, int, int]
Said = tuple[str, tuple[Comment, ...]]

_LAID_OUT = {tokenize.NL, tokenize.NEWLINE}
_WORDS = {tokenize.NAME, tokenize.NUMBER}


def letters(lines: Lines) -> bytes:
    """What no formatter changes in lines: cheap to look at, where most lines say something else."""
    return b"".join(re.findall(rb"\w", b"".join(lines))).lower()


def said(lines: Lines) -> Said | None:
    """What a file says: its syntax tree without places, and its comments where they stand; None if it is no Python."""
    text = b"".join(lines)
    try:
        return ast.dump(ast.parse(text)), tuple(_comments(text))
    except (SyntaxError, ValueError, tokenize.TokenError, RecursionError, MemoryError):
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

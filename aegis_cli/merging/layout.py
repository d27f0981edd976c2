"""What Python says, however it is laid out: a formatter changes lines, and nothing of what they say."""

from __future__ import annotations

import ast
import io
import tokenize

from aegis_cli.merging.diff3 import Lines


def said(lines: Lines) -> tuple[str, tuple[str, ...]] | None:
    """What a file says: its syntax tree without places, and its comments in a row; None for what is no Python."""
    text = b"".join(lines)
    try:
        tree = ast.dump(ast.parse(text))
        tokens = tokenize.tokenize(io.BytesIO(text).readline)
        return tree, tuple(token.string for token in tokens if token.type == tokenize.COMMENT)
    except (SyntaxError, ValueError, tokenize.TokenError, RecursionError, MemoryError):
        return None

"""Pieces: a text with Jinja in it, cut into what stays as it is and what has to be looked at.

A text whose only Jinja is expressions is what stands between them, and the value of each: versions of a file that
differ in plain text share all that has to be rendered. For Jinja the work is in the number of
templates, not in their length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

SIGNS = (b"{{", b"{%", b"{#")
"""What Jinja looks for, unless a template sets it otherwise."""

_EXPRESSION = re.compile(rb"""\{\{-?(?:[^{}"'\n]|"[^"{}\\\n]*"|'[^'{}\\\n]*')*\}\}""")
_STATEMENT = re.compile(
    rb"""\{%-?[ ]*(if|elif|else|endif|for|endfor)\b(?:[^%{}"'\n]|"[^"%{}\\\n]*"|'[^'%{}\\\n]*')*%\}"""
)
_ODD = re.compile(rb"\{\{[{%#]|\{%[{%#]")
_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f]")
_TOKEN = re.compile(
    f"{_EXPRESSION.pattern.decode()}|{_STATEMENT.pattern.decode().replace('(if', '(?P<word>if')}"
)
_CLOSES = {b"endif": b"if", b"endfor": b"for"}


def is_plain(content: bytes) -> bool:
    """Return whether a file is text in which Jinja finds nothing to do, with LF line ends."""
    return not (b"\r" in content or any(sign in content for sign in SIGNS)) and is_utf8(content)


def is_utf8(content: bytes) -> bool:
    """Return whether a content is text as Cookiecutter reads it."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def fits(content: bytes) -> bool:
    """Return whether a text is made of expressions, conditions and loops alone, which give the same in pieces."""
    rest = _EXPRESSION.sub(b"", _STATEMENT.sub(b"", content))
    # What is left was no complete expression or statement.
    if any(sign in rest for sign in SIGNS) or _ODD.search(content) or _CONTROL.search(content):
        return False
    return _is_balanced(_STATEMENT.findall(content)) and is_utf8(content)


def _is_balanced(words: Sequence[bytes]) -> bool:
    """Return whether each condition and loop ends in the text, and in order."""
    open_words: list[bytes] = []
    for word in words:
        if word in (b"if", b"for"):
            open_words.append(word)
        elif word in _CLOSES:
            if not open_words or open_words.pop() != _CLOSES[word]:
                return False
        elif not open_words:
            return False
    return not open_words


def pieces(content: bytes) -> list[tuple[str, bool]]:
    """Split a text that fits into (piece, is it Jinja's): an expression, or a whole condition or loop."""
    text = content.decode("utf-8")
    found: list[tuple[str, bool]] = []
    position = 0
    for start, end in _spans(text):
        found += [(text[position:start], False), (text[start:end], True)]
        position = end
    return [*found, (text[position:], False)]


def _spans(text: str) -> list[tuple[int, int]]:
    """Return where the pieces are that Jinja has to look at, with the white space that they take away around them."""
    found: list[tuple[int, int]] = []
    depth = start = 0
    for match in _TOKEN.finditer(text):
        if depth == 0:
            start = len(text[: match.start()].rstrip()) if match[0][2] == "-" else match.start()
        depth += {"if": 1, "for": 1, "endif": -1, "endfor": -1}.get(match["word"] or "", 0)
        if depth == 0:
            end = _after_space(text, match.end()) if match[0][-3] == "-" else match.end()
            if found and start < found[-1][1]:
                start = found.pop()[0]
            found.append((start, end))
    return found


def _after_space(text: str, position: int) -> int:
    return len(text) - len(text[position:].lstrip())

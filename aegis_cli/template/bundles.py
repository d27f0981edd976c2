"""Bundles: many small texts rendered as one. For Jinja the work is in the number of templates, not in their length.

Only texts that cannot notice go into a bundle: those whose only Jinja is expressions, conditions and loops, which leave
nothing behind. Between two texts stands a line that neither has.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

SIZE = 50
"""How many texts a bundle holds at most."""

_EXPRESSION = re.compile(rb"""\{\{-?(?:[^{}"'\n]|"[^"{}\\\n]*"|'[^'{}\\\n]*')*\}\}""")
_STATEMENT = re.compile(
    rb"""\{%-?[ ]*(if|elif|else|endif|for|endfor)\b(?:[^%{}"'\n]|"[^"%{}\\\n]*"|'[^'%{}\\\n]*')*%\}"""
)
_SIGNS = (b"{{", b"{%", b"{#")
_ODD = re.compile(rb"\{\{[{%#]|\{%[{%#]")
_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f]")
_CLOSES = {b"endif": b"if", b"endfor": b"for"}


def fits(content: bytes) -> bool:
    """Return whether a text with Jinja in it gives the same in a bundle as by itself."""
    rest = _EXPRESSION.sub(b"", _STATEMENT.sub(b"", content))
    # What is left was no complete expression or statement: the neighbour might complete it.
    if any(sign in rest for sign in _SIGNS) or _ODD.search(content):
        return False
    if _CONTROL.search(content) or _reaches_out(content.strip()) or not _is_balanced(_STATEMENT.findall(content)):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _reaches_out(text: bytes) -> bool:
    """Return whether white space control at an end of the text would take from its neighbour."""
    return text.startswith((b"{{-", b"{%-")) or text.endswith((b"-}}", b"-%}"))


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


def pieces(content: bytes) -> list[tuple[bytes, bool]]:
    """Split a text that fits into (piece, whether Jinja has to look at it).

    A text whose only Jinja is expressions is what stands between them, as it is, and the value of each: versions of a file
    that differ in plain text share all that has to be rendered.
    """
    if b"{%" in content or b"{{-" in content or b"-}}" in content:
        return [(content, True)]
    found: list[tuple[bytes, bool]] = []
    position = 0
    for match in _EXPRESSION.finditer(content):
        found += [(content[position : match.start()], False), (match[0], True)]
        position = match.end()
    return [*found, (content[position:], False)]


def packed(contents: Sequence[bytes]) -> Iterator[tuple[bytes, bytes, int]]:
    """Yield (bundle, separator, how many texts are in it)."""
    for start in range(0, len(contents), SIZE):
        texts = contents[start : start + SIZE]
        mark = hashlib.sha256(b"\0".join(texts)).hexdigest()
        separator = f"\n~~~ {mark} ~~~\n".encode()
        yield separator.join(texts), separator, len(texts)

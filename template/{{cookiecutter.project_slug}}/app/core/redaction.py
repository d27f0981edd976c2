"""Keeps secrets out of logs, health messages and the dashboard."""

import re
from collections.abc import Iterable

MASK = "***"

SHORTEST_SECRET = 8
"""Masking a shorter value wherever it occurs would spoil innocent texts."""

_known: set[str] = set()

# No "any number of" before what a match needs: that takes time in the square of a long text's length.
_PATTERNS = [
    # scheme://user:password@host
    (re.compile(r"(?P<keep>\w://[^\s:/@]*:)[^\s/]+(?=@)", re.I), rf"\g<keep>{MASK}"),
    # Authorization: Bearer abc
    (re.compile(r"(?P<keep>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}", re.I), rf"\g<keep>{MASK}"),
    # password=abc, "api_key": "abc"
    (
        re.compile(
            r"(?P<keep>(?:password|passwd|secret|token|api[_-]?key)[\w-]{0,40}[\"']?\s*[=:]\s*[\"']?)"
            r"[^\s\"',;&]+",
            re.I,
        ),
        rf"\g<keep>{MASK}",
    ),
]

# What none of them can match, as most texts are: they need a colon, an equals sign or a space.
_PLAIN = re.compile(r"[\w./-]*")


def keep_secret(values: Iterable[str]) -> None:
    """Mask these values from now on, whatever stands around them."""
    _known.update(value for value in values if len(value) >= SHORTEST_SECRET)


def redact(text: str) -> str:
    """The text without passwords, tokens and keys."""
    # The longest first: one may be a part of another.
    for value in sorted(_known, key=len, reverse=True):
        text = text.replace(value, MASK)
    if _PLAIN.fullmatch(text):
        return text
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text

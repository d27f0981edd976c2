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


def keep_secret(values: Iterable[str]) -> None:
    """Mask these values from now on, whatever stands around them."""
    _known.update(value for value in values if len(value) >= SHORTEST_SECRET)


def redact(text: str) -> str:
    """The text without passwords, tokens and keys."""
    for value in _known:
        text = text.replace(value, MASK)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text

"""What lines of HTML, style sheets and Protocol Buffers declare."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ELEMENT = re.compile(rb"<[^<>]*\sid\s*=\s*[\"']([^\"'{}]+)[\"']")
_BLOCK = re.compile(rb"\{%-?\s*(?:block|macro|set)\s+(\w+)")
_SAID_ONCE = re.compile(
    rb"<(title|base)\b|<meta\s+(?:(?:name|property|http-equiv)\s*=\s*[\"']([^\"']+)|(charset))"
)
_WHOLE = re.compile(rb"<[!/?A-Za-z]|\{[%{#]")
_LOADED = re.compile(rb"<(?:script|style|link)\b")
_RULE = re.compile(rb"((?:[^{;]|(?<=#)\{)+)(?<!#)\{")
_PROPERTY = re.compile(rb"([$@]?-{0,2}[A-Za-z][\w-]*)\s*:\s*[^{]*$")
_MESSAGE = re.compile(rb"(?:message|enum|service|oneof|extend|rpc|package|syntax)\s+([\w.]+)")
_OPTION = re.compile(rb"option\s+([\w.()]+)\s*=")
# Parts of a border's three properties, and what is set by one that is called otherwise.
_OF_BORDERS = frozenset((b"border-color", b"border-style", b"border-width"))
_SETS = {
    b"flex-flow": (b"flex-direction", b"flex-wrap"),
    b"font": (b"line-height",),
    b"gap": (b"row-gap", b"column-gap"),
    b"inset": (b"top", b"right", b"bottom", b"left"),
    b"place-content": (b"align-content", b"justify-content"),
    b"place-items": (b"align-items", b"justify-items"),
    b"place-self": (b"align-self", b"justify-self"),
}
_FIELD = re.compile(rb"(?:[\w.<>]+[\s,]+)*?(\w+)\s*=\s*(-?(?:0x)?\d+)\s*[;\[]")


def in_html(line: bytes, _: bytes) -> Iterator[bytes]:
    """An element by its id, a block, macro or variable of a template: each is one in the whole file.

    What a page says of itself, its title and the like, it says once.
    """
    for pattern in (_ELEMENT, _BLOCK):
        for found in pattern.finditer(line):
            yield b"element " + found[1]
    for found in _SAID_ONCE.finditer(line):
        yield b"page's " + b"".join(part for part in found.groups() if part)


def is_markup(line: bytes) -> bool:
    """Whether a line of HTML begins an element or a statement, and is no text, attribute, or line of a script."""
    return _WHOLE.match(line) is not None


def is_loaded(line: bytes) -> bool:
    """Whether a line of HTML has a script or a style sheet, which may count on those in front."""
    return _LOADED.match(line) is not None


def in_css(line: bytes, _: bytes) -> Iterator[bytes]:
    """A rule by its selectors, a property, a variable."""
    if found := _RULE.match(line):
        yield from (b"rule " + b" ".join(part.split()) for part in found[1].split(b","))
    elif found := _PROPERTY.match(line):
        yield found[1]


def in_proto(line: bytes, _: bytes) -> Iterator[bytes]:
    """A message, a call, a field; a field and a value by its number as well."""
    if found := _MESSAGE.match(line) or _OPTION.match(line):
        yield found[1]
    elif found := _FIELD.match(line):
        yield from (found[1], b"number " + found[2])


def hides(one: bytes, other: bytes) -> bool:
    """Whether one property of a style sheet is a part of another: the one behind decides."""
    names = [found[1] for found in map(_PROPERTY.match, (one.strip(), other.strip())) if found]
    if len(names) < 2 or any(name.startswith((b"-", b"$", b"@")) for name in names):
        return False  # variables are each their own
    return any(
        a.startswith(b + b"-")
        or a in _SETS.get(b, ())
        or (b in _OF_BORDERS and a.startswith(b"border-"))
        for a, b in (names, names[::-1])
        if a != b
    )

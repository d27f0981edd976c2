"""What lines of HTML, style sheets and Protocol Buffers declare."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ELEMENT = re.compile(rb"<[^<>]*\sid\s*=\s*[\"']([^\"'{}]+)[\"']")
_BLOCK = re.compile(rb"\{%-?\s*(?:block|macro|set)\s+(\w+)")
_PROPERTY = re.compile(rb"([$@]?-{0,2}[A-Za-z][\w-]*)\s*:\s*[^{]*$")
_MESSAGE = re.compile(rb"(?:message|enum|service|oneof|extend|rpc|package|syntax)\s+([\w.]+)")
_OPTION = re.compile(rb"option\s+([\w.()]+)\s*=")
_FIELD = re.compile(rb"(?:[\w.<>]+[\s,]+)*?(\w+)\s*=\s*(-?(?:0x)?\d+)\s*[;\[]")


def in_html(line: bytes, _: bytes) -> Iterator[bytes]:
    """An element by its id, a block, macro or variable of a template: each is one in the whole file."""
    for pattern in (_ELEMENT, _BLOCK):
        for found in pattern.finditer(line):
            yield b"element " + found[1]


def in_css(line: bytes, _: bytes) -> Iterator[bytes]:
    """A rule by its selector, a property, a variable."""
    if line.endswith(b"{"):
        yield b"rule " + b" ".join(line[:-1].split())
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
    return names[0].startswith(names[1] + b"-") or names[1].startswith(names[0] + b"-")

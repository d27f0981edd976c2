"""What lines of HTML, style sheets and Protocol Buffers declare."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_ELEMENT = re.compile(rb"<[^<>]*\sid\s*=\s*[\"']([^\"'{}]+)[\"']")
_BLOCK = re.compile(rb"\{%-?\s*(?:block|macro|set)\s+(\w+)")
_SAID_ONCE = re.compile(
    rb"<(title|base)\b|<meta\b[^>]*?\s(?:(?:name|property|http-equiv)\s*=\s*[\"']([^\"']+)|(charset))"
)
_WHOLE = re.compile(rb"<[!/?A-Za-z]|\{[%{#]")
_LOADED = re.compile(rb"<(?:script|style|link)\b")
_RULE = re.compile(rb"((?:[^{;]|(?<=#)\{)+)(?<!#)\{")
_PROPERTY = re.compile(rb"([$@]?-{0,2}[A-Za-z][\w-]*)\s*:\s*[^{]*$")
_MESSAGE = re.compile(rb"(?:message|enum|service|oneof|extend|rpc|package|syntax)\s+([\w.]+)")
_STATE = re.compile(rb":[\w-]+(?:\([^)]*\))?")
_RESERVED = re.compile(rb"reserved\s+([\d,\s]+);")
_OPTION = re.compile(rb"option\s+([\w.()]+)\s*=")
# Parts of a border's three properties, and what is set by one that is called otherwise.
_OF_BORDERS = frozenset((b"border-color", b"border-style", b"border-width"))
_SETS = {
    b"flex-flow": (b"flex-direction", b"flex-wrap"),
    b"font": (b"line-height",),
    b"gap": (b"row-gap", b"column-gap"),
    b"inset": (b"top", b"right", b"bottom", b"left"),
    b"margin-block": (b"margin-top", b"margin-bottom"),
    b"margin-inline": (b"margin-left", b"margin-right"),
    b"padding-block": (b"padding-top", b"padding-bottom"),
    b"padding-inline": (b"padding-left", b"padding-right"),
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


def is_cell(line: bytes) -> bool:
    """Whether a line of HTML has a cell of a table, whose column is told by its place."""
    return re.match(rb"<t[hd]\b", line) is not None


def in_css(line: bytes, _: bytes) -> Iterator[bytes]:
    """A rule by its selectors, a property, a variable."""
    if found := _RULE.match(line):
        yield from (b"rule " + b" ".join(part.split()) for part in found[1].split(b","))
    elif found := _PROPERTY.match(line):
        yield found[1]


def are_cascaded(*sides: Sequence[bytes]) -> bool:
    """Whether both sides bring rules that one element may fit, of equal weight: of what both set, the last counts."""
    ours, theirs = (list(_rules(side)) for side in sides)
    return any(
        _may_fit_one(a, b) and (given & other or any(overlap(x, y) for x in given for y in other))
        for a, given in ours
        for b, other in theirs
    )


def _rules(lines: Sequence[bytes]) -> Iterator[tuple[bytes, set[bytes]]]:
    """The selectors of rules, each with what it sets, as `name:`."""
    selectors: list[bytes] = []
    given: set[bytes] = set()
    for line in lines:
        word = line.strip()
        if found := _RULE.match(word):
            selectors = [part.strip() for part in found[1].split(b",")]
            given = set()
            yield from ((selector, given) for selector in selectors)
            word = word[found.end() :].strip(b" {}")
        for part in word.split(b";"):
            if found := _PROPERTY.match(part.strip()):
                given.add(found[1] + b":")


def _may_fit_one(one: bytes, other: bytes) -> bool:
    """Whether selectors are of one thing: in two states, `a:hover` and `a:link`, or two kinds, `.tab` and `.tab-on`."""
    a, b = sorted((_STATE.sub(b"", one), _STATE.sub(b"", other)))
    return a == b or (a.count(b" ") == b.count(b" ") and b.startswith((a + b"-", a + b"_")))


def in_proto(line: bytes, _: bytes) -> Iterator[bytes]:
    """A message, a call, a field; a field and a value by its number as well."""
    if found := _MESSAGE.match(line) or _OPTION.match(line):
        yield found[1]
    elif found := _FIELD.match(line):
        yield from (found[1], b"number " + found[2])
    elif found := _RESERVED.match(line):
        yield from (b"number " + number.strip() for number in found[1].split(b","))


def overlap(one: bytes, other: bytes) -> bool:
    """Whether one property of a style sheet is a part of another: the one behind decides."""
    names = [found[1] for found in map(_PROPERTY.match, (one.strip(), other.strip())) if found]
    if len(names) < 2 or any(name.startswith((b"-", b"$", b"@")) for name in names):
        return False  # variables are each their own
    return any(
        b == b"all"
        or a.startswith(b + b"-")
        or a in _SETS.get(b, ())
        or (b in _OF_BORDERS and a.startswith(b"border-"))
        for a, b in (names, names[::-1])
        if a != b
    )

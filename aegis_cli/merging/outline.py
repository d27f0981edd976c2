"""What a line belongs to: read off indentation, section headers and headings, for all formats alike.

A merge of lines goes wrong unnoticed when a line ends up under another parent than the one it was
written for: a port under the next service, a key in the next table, a statement in the next
function, a paragraph in the next section. All of that still parses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from aegis_cli.merging.formats import PROSE, Format
from aegis_cli.merging.line import CLOSERS, Line, has_word, level
from aegis_cli.merging.names import identity

# Stands for the parents of a line; within one `Outline`, equal numbers are equal parents.
Scope = int

TOP: Scope = 0

_SECTIONED = {Format.TOML, Format.INI, Format.CONF, Format.DOCKER}
_HEADER = re.compile(rb"\[.+\]\s*(?:[#;].*)?$")

_NO_MARGIN = (*CLOSERS, b"#", b"//", b";", b"- ")

# Conditionals of a Makefile stand at the margin, and so does what they hold.
_CONDITION = re.compile(rb"(?:ifn?def|ifn?eq)\b")
_CONDITION_ENDS = re.compile(rb"(else|endif)\b")
STAGE = re.compile(rb"FROM\s", re.IGNORECASE)
_HEADING = re.compile(rb"(#{1,6})\s")
# Tags of a template that hold the lines behind them, whatever their indentation.
_TAG = re.compile(
    rb"\{%[-+]?\s*(if|for|with|macro|call|filter|raw|trans|block|autoescape|else|elif|end\w+)\b[^{}]*%\}"
)
_FENCE = re.compile(rb" {0,3}(```+|~~~+)")
_RULER = re.compile(rb"([=\-~^\"'`#*+.:_])\1{2,}\s*$")

_CALLS = re.compile(rb"(?:await\s+|return\s+)?[\w.]+\($")

# Sections are shallower than any indentation, what stands in a fence is deeper.
_SECTION = -1
_DEEPEST_SECTION = -100
_IN_FENCE = 1 << 30
# A table of Markdown ends with the next line that is no row: its rows stand as deep as a paragraph does.
_IN_TABLE = 1
_DELIMITERS = re.compile(rb" {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")


class Stack(NamedTuple):
    """The lines that are still open at some point of a file, innermost first.

    Attributes:
        level: How deep the line stands.
        scope: What belongs to it.
        text: The line.
        outer: The scope that the line itself belongs to.
        rest: The lines around it.
        is_tag: Whether lines that stand as deep as it does belong to it.
    """

    level: int
    scope: Scope
    text: bytes
    outer: Scope
    rest: Stack | None
    is_tag: bool = False


class Outline:
    """Tells the parents of lines in one kind of file."""

    def __init__(self, kind: Format) -> None:
        self.kind = kind
        self._is_prose = kind in PROSE
        self._has_sections = kind in _SECTIONED
        self._numbers: dict[tuple[Scope, Hashable], Scope] = {}
        self._openers: dict[Scope, bytes] = {}
        self._rulers: dict[bytes, int] = {}

    def stack(self, base: Sequence[bytes], at: int) -> Stack | None:
        """Say what is open in front of a line of a whole file; parents are called by their position."""
        start = self._margin(base, at)
        return self._walk(base[start : at + 1], range(start, at))

    def front(self, lines: Sequence[bytes], at: int) -> Stack | None:
        """Say the same, with parents called by what they are: comparable between versions."""
        start = self._margin(lines, at)
        texts = lines[start : at + 1]
        return self._walk(texts, list(identities(texts))[: at - start])

    def scopes(self, lines: Sequence[Line], stack: Stack | None) -> dict[Line, Scope]:
        """Say what each line belongs to.

        Args:
            lines: Lines that follow each other; blank ones belong to nothing.
            stack: What is open in front of the first.
        """
        texts = [line.text for line in lines]
        scopes = {}
        for line, name, text, after in zip(
            lines, _names(lines), texts, [*texts[1:], b""][: len(texts)], strict=True
        ):
            scope, stack = self.step(stack, text, name, after)
            if not line.is_blank:
                scopes[line] = scope
        return scopes

    def recurring(self, lines: Sequence[bytes]) -> set[bytes]:
        """The headings that several sections of a text have: they are no sign that two speak of one."""
        if not (self._is_prose or self.kind is Format.TEXT):
            return set()
        pairs = zip(lines, [*lines[1:], b""], strict=False)
        counted = Counter(x.strip() for x, after in pairs if self._heading(x, after) is not None)
        return {text for text, count in counted.items() if count > 1}

    def are_in_one(self, lines: Sequence[bytes], first: int, second: int) -> bool:
        """Whether two lines that read alike are headings in one section: none less deep is in between."""
        pairs = zip(lines[first:second], lines[first + 1 : second + 1], strict=True)
        depth, *others = (self._heading(text, after) for text, after in pairs)
        return depth is not None and all(x is None or x >= depth for x in others)

    def opens_section(self, text: bytes) -> bool:
        """Whether a line is the header of a section, by itself."""
        if self.kind is Format.HTML:
            return _TAG.fullmatch(text.strip()) is not None
        if self.kind is Format.MAKE:
            word = text.strip()
            return bool(_CONDITION.match(word) or _CONDITION_ENDS.match(word))
        return self._has_sections and self._is_header(text, text.strip())

    def opener(self, scope: Scope) -> bytes:
        """The line that is the parent of a scope; empty at the top of the file."""
        return self._openers.get(scope, b"")

    def _walk(self, lines: Sequence[bytes], names: Sequence[Hashable]) -> Stack | None:
        """What is open after as many lines as there are names."""
        stack: Stack | None = None
        for text, name, after in zip(lines, names, [*lines[1:], b""], strict=False):
            _, stack = self.step(stack, text, name, after)
        return stack

    def _margin(self, lines: Sequence[bytes], at: int) -> int:
        """The last line in front of another that what is open there cannot reach beyond."""
        while at and not self._is_prose and self.kind is not Format.MAKE:
            at -= 1
            text = lines[at]
            if self._has_sections:
                if self._is_header(text, text.strip()):
                    return at
            elif text.strip() and not level(text) and not text.startswith(_NO_MARGIN):
                return at
        return 0

    def step(
        self, stack: Stack | None, text: bytes, name: Hashable, after: bytes
    ) -> tuple[Scope, Stack | None]:
        """Say what one line belongs to, and what is open after it."""
        word = text.strip()
        if not word:
            return TOP, stack
        if self._is_prose:
            found = self._prose(stack, text, name, after)
            if found is not None:
                return found
        elif self._has_sections and self._is_header(text, word):
            stack = self._table_around(stack, word)
            scope = stack.scope if stack else TOP
            return scope, self._push(stack, _SECTION, scope, name, text)
        if self.kind is Format.MAKE and (_CONDITION.match(word) or _CONDITION_ENDS.match(word)):
            return self._condition(stack, text, name, after)
        if self.kind is Format.HTML and _TAG.fullmatch(word):
            return self._tag(stack, text, name)
        depth = level(text)
        while stack and stack.level > depth:
            stack = stack.rest
        if word.startswith(CLOSERS) and stack and stack.level == depth:
            # The line that opened the bracket stays the parent of what follows: `def f(` … `):`.
            return stack.outer, stack
        stack = _around(stack, depth)
        scope = stack.scope if stack else TOP
        if word.startswith((b"#", b"//", b";")) and not word.endswith(b"{"):
            return scope, stack
        return scope, self._push(stack, depth, scope, name, text)

    def _condition(
        self, stack: Stack | None, text: bytes, name: Hashable, after: bytes
    ) -> tuple[Scope, Stack | None]:
        """Open or close a branch of a Makefile; a recipe around it goes on behind it."""
        ends = _CONDITION_ENDS.match(text.strip())
        if ends:
            open_ = stack
            while open_ and not _is_condition(open_):
                open_ = open_.rest
            stack = open_.rest if open_ else stack
        elif not after.startswith(b"\t"):
            while stack and not _is_condition(stack):
                stack = stack.rest
        scope = stack.scope if stack else TOP
        if ends and ends[1] == b"endif":
            return scope, stack
        return scope, self._push(stack, _SECTION, scope, name, text)

    def _tag(self, stack: Stack | None, text: bytes, name: Hashable) -> tuple[Scope, Stack | None]:
        """Open or close a block of a template, which holds lines that stand as deep as its tags do."""
        tag = _TAG.fullmatch(text.strip())
        word = tag[1] if tag else b""
        if word.startswith((b"e", b"E")):
            open_ = stack
            while open_ and not open_.is_tag:
                open_ = open_.rest
            stack = open_.rest if open_ else stack
            if word.startswith(b"end"):
                return open_.outer if open_ else TOP, stack
        else:
            stack = _around(stack, level(text))
        scope = stack.scope if stack else TOP
        return scope, self._push(stack, level(text), scope, name, text)._replace(is_tag=True)

    def _table_around(self, stack: Stack | None, word: bytes) -> Stack | None:
        """What is open of the tables that a table of TOML is a part of: `[a]` for `[a.b]`."""
        path = _table(word)
        while stack and not (stack.level < 0 and path.startswith(_table(stack.text) + b".")):
            stack = stack.rest
        return stack if self.kind is Format.TOML else None

    def _is_header(self, text: bytes, word: bytes) -> bool:
        if self.kind is Format.DOCKER:
            return STAGE.match(text) is not None
        return text.startswith(b"[") and _HEADER.match(word) is not None

    def _prose(
        self, stack: Stack | None, text: bytes, name: Hashable, after: bytes
    ) -> tuple[Scope, Stack | None] | None:
        """Read headings and fences; None for any other line."""
        fence = _FENCE.match(text) if self.kind is Format.MARKDOWN else None
        if stack and stack.level == _IN_FENCE:
            if fence and not text.strip().strip(fence[1][:1]):
                return stack.outer, stack.rest
            return stack.scope, stack
        depth = self._heading(text, after)
        if depth is not None:
            while stack and stack.level >= depth:
                stack = stack.rest
            scope = stack.scope if stack else TOP
            return scope, self._push(stack, depth, scope, name, text)
        if fence:
            while stack and stack.level >= 0:
                stack = stack.rest
            scope = stack.scope if stack else TOP
            return scope, self._push(stack, _IN_FENCE, scope, name, text)
        if self.kind is Format.MARKDOWN and text.startswith(b"|"):
            return self._row(stack, text, name, after)
        return None

    def _row(
        self, stack: Stack | None, text: bytes, name: Hashable, after: bytes
    ) -> tuple[Scope, Stack | None]:
        """Read a row of a table, whose first is the parent of the others."""
        is_first = after.startswith(b"|") and _DELIMITERS.match(after) is not None
        if not is_first and stack and stack.level == _IN_TABLE and stack.text.startswith(b"|"):
            return stack.scope, stack
        while stack and stack.level >= 0:
            stack = stack.rest
        scope = stack.scope if stack else TOP
        return scope, self._push(stack, _IN_TABLE, scope, name, text) if is_first else stack

    def _heading(self, text: bytes, after: bytes) -> int | None:
        """How deep a heading stands; None for what is none."""
        if self.kind is Format.MARKDOWN and (found := _HEADING.match(text)):
            return _DEEPEST_SECTION + len(found[1])
        ruler = _RULER.match(after)
        if not ruler or text[:1].isspace() or not has_word(text) or text.startswith((b"|", b"- ")):
            return None
        if self.kind is Format.MARKDOWN:
            return {b"=": _DEEPEST_SECTION + 1, b"-": _DEEPEST_SECTION + 2}.get(ruler[1])
        return _DEEPEST_SECTION + self._rulers.setdefault(ruler[1], len(self._rulers))

    def _push(
        self, stack: Stack | None, depth: int, scope: Scope, name: Hashable, text: bytes
    ) -> Stack:
        below = self._numbers.setdefault((scope, name), len(self._numbers) + 1)
        self._openers.setdefault(below, text)
        return Stack(depth, below, text, scope, stack)


def _around(stack: Stack | None, depth: int) -> Stack | None:
    """What is open around a line that stands so deep."""
    while stack and stack.level >= depth and not (stack.level == depth and stack.is_tag):
        stack = stack.rest
    return stack


def _is_condition(stack: Stack) -> bool:
    word = stack.text.strip()
    return bool(_CONDITION.match(word) or _CONDITION_ENDS.match(word))


def _table(header: bytes) -> bytes:
    """The name of the table that a header opens."""
    return header.strip().partition(b"]")[0].strip(b"[ ")


def parent_at(stack: Stack | None, depth: int) -> Scope:
    """What a line of some depth belongs to where these lines are open."""
    stack = _around(stack, depth)
    return stack.scope if stack else TOP


def identities(lines: Sequence[bytes]) -> Iterator[Hashable]:
    """Names of lines as parents, from what they say."""
    following = b""
    called: list[Hashable] = []
    first = next((at for at, text in enumerate(lines) if text.strip()), 0)
    for at in reversed(range(len(lines))):
        word = lines[at].strip()
        is_told = at > first and _is_weak(word)  # what begins a file is the same, whatever follows
        called.append((identity(word), following) if is_told else identity(word))
        following = word or following
    return reversed(called)


def _names(lines: Iterable[Line]) -> Iterator[Hashable]:
    """Names of lines as parents: their own, but where that could be any line's."""
    following = b""
    names: list[Hashable] = []
    for line in reversed(list(lines)):
        word = line.text.strip()
        own = line.side and not isinstance(line.name, int)
        names.append((line.name, following) if own and _is_weak(word) else line.name)
        following = word or following
    return reversed(names)


@lru_cache(maxsize=1 << 15)
def _is_weak(word: bytes) -> bool:
    """Whether only the next line tells this one from others: `[[table]]`, `{`, `call(`, `try:`."""
    return (
        word.startswith(b"[[")
        or word in (b"try:", b"else:", b"finally:", b"else {", b"} else {", b"do")
        or _CALLS.match(word) is not None
        or not has_word(word)
    )

"""Following a text through Jinja: which of its own characters stand where in what it comes to.

Each run of plain text is marked before it is rendered; in what comes out, the marks tell where it went, and what stands
between them is what code gave.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension

# Signs of the private use area: a text that holds one is not followed.
_OPEN, _BAR, _CLOSE = "\ue000", "\ue001", "\ue002"
_MARKED = re.compile(f"{_OPEN}(\\d+){_BAR}(.*?){_CLOSE}", re.DOTALL)
# What can come out more than once, or go through other hands before it does.
_INDIRECT = (nodes.For, nodes.Macro, nodes.CallBlock, nodes.FilterBlock, nodes.AssignBlock)


Span = tuple[int, int]


class Run(NamedTuple):
    """A run of what a text comes to.

    Attributes:
        text: The run.
        start: Where it stands in the text; None for what code gave.
        direct: It is plain text that comes out once, as it is.
    """

    text: str
    start: int | None
    direct: bool


@dataclass(frozen=True)
class Traced:
    """What a text comes to, run by run.

    Attributes:
        source: The text.
        runs: What it comes to.
        expressions: Where plain expressions stand in it: (start, end), in order.
        raw: Where what is not rendered begins or ends: (start, end), in order.
    """

    source: str
    runs: tuple[Run, ...]
    expressions: tuple[Span, ...] = ()
    raw: tuple[Span, ...] = ()


class _Token(NamedTuple):
    kind: str
    value: str
    start: int


def trace(environment: jinja2.Environment, values: Mapping[str, Any], text: str) -> Traced | None:
    """Render a text and tell where each run of it went; None where that cannot be told.

    Raises:
        jinja2.TemplateError: It does not render.
    """
    if any(sign in text for sign in (_OPEN, _BAR, _CLOSE, "\r")) or _is_rewritten(environment):
        return None
    tokens = _tokens(environment, text)
    if tokens is None:
        return None
    data = [token for token in tokens if token.kind == "data" and token.value]
    tree = environment.parse(text)
    found = list(_plain_text(tree, direct=True))
    if [node.data for node, _ in found] != [token.value for token in data]:
        return None
    for number, (node, _) in enumerate(found):
        node.data = f"{_OPEN}{number}{_BAR}{node.data}{_CLOSE}"
    # Not as the environment does, which keeps what it has compiled.
    code = jinja2.Environment.compile(environment, tree)
    template = environment.template_class.from_code(environment, code, environment.make_globals({}))
    direct = [each for _, each in found]
    runs = _runs(template.render(**values), data, direct)
    return Traced(text, tuple(runs), tuple(_expressions(tokens)), tuple(_raw(tokens)))


def code_of(environment: jinja2.Environment, text: str) -> tuple[str, ...]:
    """Return the code in a text, word by word. Nothing of it runs.

    Raises:
        jinja2.TemplateSyntaxError: It is none.
    """
    return tuple(value for _, kind, value in environment.lex(text) if kind != "data")


def _is_rewritten(environment: jinja2.Environment) -> bool:
    """Return whether an extension changes texts before Jinja reads them."""
    own = (
        (type(each).preprocess, type(each).filter_stream) for each in environment.iter_extensions()
    )
    return any(each != (Extension.preprocess, Extension.filter_stream) for each in own)


def _tokens(environment: jinja2.Environment, text: str) -> list[_Token] | None:
    """Return what Jinja makes of a text, with places: it leaves out only white space that code takes away."""
    tokens = []
    position = 0
    for _, kind, value in environment.lex(text):
        while not text.startswith(value, position):
            if not text[position : position + 1].isspace():
                return None
            position += 1
        tokens.append(_Token(kind, value, position))
        position += len(value)
    return tokens


def _plain_text(node: nodes.Node, *, direct: bool) -> Iterator[tuple[nodes.TemplateData, bool]]:
    """Yield the plain text in a tree, in order, and whether it comes out as it is."""
    direct = direct and not isinstance(node, _INDIRECT)
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.TemplateData):
            yield child, direct
        else:
            yield from _plain_text(child, direct=direct)


def _runs(output: str, data: list[_Token], direct: list[bool]) -> Iterator[Run]:
    times = Counter(match[1] for match in _MARKED.finditer(output))
    position = 0
    for match in _MARKED.finditer(output):
        if match.start() > position:
            yield Run(output[position : match.start()], None, direct=False)
        number = int(match[1])
        once = direct[number] and times[match[1]] == 1 and match[2] == data[number].value
        yield Run(match[2], data[number].start, direct=once)
        position = match.end()
    if position < len(output):
        yield Run(output[position:], None, direct=False)


def _raw(tokens: list[_Token]) -> Iterator[Span]:
    """Yield where what is not rendered begins and ends, if that takes away no white space."""
    for kind, value, place in tokens:
        if kind in ("raw_begin", "raw_end") and value == value.strip() and "-" not in value:
            yield place, place + len(value)


def _expressions(tokens: list[_Token]) -> Iterator[Span]:
    """Yield where expressions stand that take away no white space."""
    start = None
    for kind, value, place in tokens:
        if kind == "variable_begin":
            start = None if value[-1] in "-+" else place
        elif kind == "variable_end" and start is not None:
            if value[:1] not in "-+" and value == value.rstrip():
                yield start, place + len(value)
            start = None

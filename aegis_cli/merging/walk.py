"""A whole file, line by line: what each belongs to."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

from aegis_cli.merging.formats import Format
from aegis_cli.merging.line import level
from aegis_cli.merging.outline import Outline, Scope, Stack
from aegis_cli.merging.strings import strings


def walk(
    outline: Outline, lines: Sequence[bytes], names: Iterable[Hashable]
) -> Iterator[tuple[Scope, Stack | None]]:
    """Yield what each line belongs to, and what is open after it.

    What stands in a string of Python at the margin is a text of its own, and what is open around it stays open.

    Args:
        outline: Tells the parents of lines.
        lines: The file.
        names: What each line is called as a parent.
    """
    is_program = outline.kind is Format.PYTHON
    ends = {x.start: x.stop for x in _at_the_margin(lines)} if is_program else {}
    stack: Stack | None = None
    around, end = stack, 0
    for at, (text, name) in enumerate(zip(lines, names, strict=True)):
        if at == end:
            stack = around
        if at in ends:
            around, stack, end = stack, None, ends[at]
        after = lines[at + 1] if at + 1 < len(lines) else b""
        scope, stack = outline.step(stack, text, name, after)
        yield scope, stack


def _at_the_margin(lines: Sequence[bytes]) -> Iterator[range]:
    """The lines of strings whose text stands less deep than what they are a part of, and ends no block of it."""
    for inside in strings(lines):
        depth = level(lines[inside.start - 1])
        if any(lines[at].strip() and level(lines[at]) < depth for at in inside):
            yield inside

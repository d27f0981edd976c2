"""What a page of documentation has its reader type: commands and files, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NAMES_ITSELF = re.compile(r"\A *# (?P<path>[\w/.-]+\.\w+)\n")
_BLOCK = re.compile(
    r"^(?:`(?P<path>[^`\n]+)`(?:, below `(?P<below>[^`\n]+)`)?:\n\n)?"
    r"(?P<fence> *`{3,4})(?P<kind>\w*)\n(?P<text>.*?)^(?P=fence)$(?:\n *<!-- not run: (?P<why>[^\n]*?) -->)?",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A block of code on a page.

    Attributes:
        path: The file that it is the content of, or a part of, by the line above it or by its own first one; empty for
            any other block.
        below: The line of that file that it stands below; empty where it is the whole.
        kind: Its language.
        text: Its lines.
        why: Why no test runs it; empty where one does.
        number: The line of the page that it begins at.
        said: The paragraph above it.
    """

    path: str
    below: str
    kind: str
    text: str
    why: str
    number: int
    said: str


def blocks(page: str) -> Iterator[Block]:
    """Yield the blocks of a page, in order."""
    for found in _BLOCK.finditer(page):
        path, below, why = (found[name] or "" for name in ("path", "below", "why"))
        if itself := _NAMES_ITSELF.match(found["text"]):
            path = itself["path"]
        before = page[: found.start("fence")]
        number = before.count("\n") + 1
        said = before.rstrip().rpartition("\n\n")[2]
        yield Block(path, below, found["kind"], found["text"], why, number, said)

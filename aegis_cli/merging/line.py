"""One line: how deep it stands, whether it says anything, of what it speaks."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass

_WORD = re.compile(rb"[^\W_]|[\x80-\xff]")
CLOSERS = (b")", b"]", b"}")


@dataclass(eq=False, slots=True)
class Line:
    """A line of one version; lines of the same text are still different lines.

    Attributes:
        text: The line, with its line ending.
        name: What it is called as a parent; the same in two versions if it is the same line there.
        side: 0 for a line of the base, 1 for one that ours brought, 2 for theirs.
    """

    text: bytes
    name: Hashable
    side: int = 0

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing on it."""
        return not self.text.strip()

    @property
    def is_comment(self) -> bool:
        """Whether it is a comment, as most formats write them."""
        text = self.text.strip()
        return text.startswith((b"#", b"//", b";", b"/*", b"<!--")) and not text.endswith(b"{")

    @property
    def is_decorator(self) -> bool:
        """Whether it is a decorator or an annotation."""
        return self.text.lstrip().startswith(b"@")

    @property
    def speaks_of_next(self) -> bool:
        """Whether it says something of the line that follows."""
        return self.is_comment or self.is_decorator


def level(text: bytes) -> int:
    """How deep a line stands; a list item is deeper than a key with the same indentation."""
    if not text[:1].isspace():
        return text.startswith(b"- ")
    bare = text.expandtabs()
    word = bare.lstrip()
    return 2 * (len(bare) - len(word)) + word.startswith(b"- ")


def indentation(text: bytes) -> int:
    """How many characters stand in front of what a line says."""
    return len(text) - len(text.lstrip())


def has_word(text: bytes) -> bool:
    """Whether a line says something of its own: brackets and rulers do not."""
    return _WORD.search(text) is not None

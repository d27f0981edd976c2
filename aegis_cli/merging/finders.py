"""Names in a line, found by patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Finds = Callable[[bytes], Iterator[bytes]]

STRING = re.compile(rb"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
WORD = re.compile(rb"[\w.-]+")


@dataclass(frozen=True)
class Finder:
    """Finds what the groups of a pattern hold, wherever in a line it fits.

    Attributes:
        pattern: The pattern.
        words: Whether a group may hold several names.
        is_code: Whether nothing is said in strings.
        comment: What begins that of which nothing is said.
    """

    pattern: re.Pattern[bytes]
    words: bool = False
    is_code: bool = False
    comment: bytes = b""

    def __call__(self, text: bytes) -> Iterator[bytes]:
        """The names in a line."""
        if self.is_code:
            text = STRING.sub(b"", text)
        if self.comment:
            text = text.split(self.comment)[0]
        for found in self.pattern.finditer(text):
            for part in filter(None, found.groups()):
                yield from WORD.findall(part) if self.words else (part,)


def find(pattern: bytes, *, words: bool = False, comment: bytes = b"") -> Finder:
    """Make a finder."""
    return Finder(re.compile(pattern), words=words, comment=comment)


def find_in_code(pattern: bytes) -> Finder:
    """Make one for a language that writes comments as C does."""
    return Finder(re.compile(pattern), is_code=True, comment=b"//")


def either(*finds: Finds) -> Finds:
    """What any of them finds."""

    def found(text: bytes) -> Iterator[bytes]:
        for one in finds:
            yield from one(text)

    return found

"""What a line belongs to: read off indentation and section headers, for all formats alike.

A merge of lines goes wrong unnoticed when a line ends up under another parent than the one it was
written for: a port under the next service, a key in the next table, a statement in the next
function. All of that still parses.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

# Stands for the parents of a line; within one `Outline`, equal numbers are equal parents.
Scope = int

_TOP: Scope = 0

_SECTIONED = {".toml", ".ini", ".cfg", ".conf", ".lock", ".service"}
_SECTIONED_NAMES = {"Pipfile", ".editorconfig", ".flake8", ".coveragerc", ".pylintrc", ".gitconfig"}
_HEADER = re.compile(rb"\[.+\]\s*(?:[#;].*)?$")
_WORD = re.compile(rb"[^\W_]|[\x80-\xff]")
_CLOSERS = (b")", b"]", b"}")


class Stack(NamedTuple):
    """The lines that are still open at some point of a file, innermost first."""

    level: int
    scope: Scope
    rest: Stack | None


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


class Outline:
    """Tells the parents of lines in one kind of file."""

    def __init__(self, path: str) -> None:
        name = PurePosixPath(path).name
        suffix = PurePosixPath(name).suffix.lower()
        self._numbers: dict[tuple[Scope, Hashable], Scope] = {}
        self._sections = suffix in _SECTIONED or name in _SECTIONED_NAMES

    def stacks(self, base: Sequence[bytes]) -> list[Stack | None]:
        """Say what is open in front of each line, and after the last one.

        Args:
            base: The lines of a whole file.

        Returns:
            One stack for each line, and one more. Parents are called by their position.
        """
        stack: Stack | None = None
        stacks = [stack]
        for position, text in enumerate(base):
            _, stack = self._step(stack, text, position)
            stacks.append(stack)
        return stacks

    def scopes(self, lines: Sequence[Line], stack: Stack | None) -> dict[Line, Scope]:
        """Say what each line belongs to.

        Args:
            lines: Lines that follow each other; blank ones belong to nothing.
            stack: What is open in front of the first.
        """
        scopes = {}
        for line, name in zip(lines, _names(lines), strict=True):
            scope, stack = self._step(stack, line.text, name)
            if not line.is_blank:
                scopes[line] = scope
        return scopes

    def _step(self, stack: Stack | None, text: bytes, name: Hashable) -> tuple[Scope, Stack | None]:
        """The scope of one line, and what is open after it."""
        word = text.strip()
        if not word:
            return _TOP, stack
        if self._sections and text.startswith(b"[") and _HEADER.match(word):
            return _TOP, Stack(-1, self._below(_TOP, name), None)
        depth = level(text)
        while stack and stack.level > depth:
            stack = stack.rest
        if word.startswith(_CLOSERS) and stack and stack.level == depth:
            # The line that opened the bracket stays the parent of what follows: `def f(` … `):`.
            return (stack.rest.scope if stack.rest else _TOP), stack
        while stack and stack.level >= depth:
            stack = stack.rest
        scope = stack.scope if stack else _TOP
        if word.startswith((b"#", b"//", b";")) and not word.endswith(b"{"):
            return scope, stack
        return scope, Stack(depth, self._below(scope, name), stack)

    def _below(self, scope: Scope, name: Hashable) -> Scope:
        """The scope of what a line is parent of."""
        return self._numbers.setdefault((scope, name), len(self._numbers) + 1)


def level(text: bytes) -> int:
    """How deep a line stands; a list item is deeper than a key with the same indentation."""
    bare = text.expandtabs()
    word = bare.lstrip()
    return 2 * (len(bare) - len(word)) + word.startswith(b"- ")


def has_word(text: bytes) -> bool:
    """Whether a line says something of its own: brackets and rulers do not."""
    return _WORD.search(text) is not None


def _names(lines: Iterable[Line]) -> Iterator[Hashable]:
    """Names of lines as parents; `[[table]]` and `{` are told apart by the line that follows."""
    following = b""
    names: list[Hashable] = []
    for line in reversed(list(lines)):
        word = line.text.strip()
        weak = word.startswith(b"[[") or not has_word(word)
        names.append((line.name, following) if weak and line.side else line.name)
        following = word or following
    return reversed(names)

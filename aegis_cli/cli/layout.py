"""How lines are laid out: labels, counts, and wrapping that never cuts a word."""

from __future__ import annotations

import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Sequence

LABEL = 10
_LABELLED = re.compile(rf"(?! )[^\n]{{{LABEL}}} (?! )")
FEW = 3
"""So many names are told as they are; more are counted."""


def labelled(label: str, text: str) -> str:
    """Return a text with its label."""
    return f"{label:{LABEL}} {text}"


def commands(label: str, words: Sequence[str]) -> list[str]:
    """Return the lines with commands to copy, to be run one after the other: one line if it has room."""
    together = labelled(label, " && ".join(words))
    if not sys.stdout.isatty() or len(together) < columns():
        return [together]
    return [labelled("" if number else label, word) for number, word in enumerate(words)]


def indented(lines: Iterable[str]) -> list[str]:
    """Return lines, set in."""
    return [f"    {line}" for line in lines]


def by_folder(paths: Sequence[str], prefix: str = "") -> str:
    """Return where files are: their names if they are few, else how many there are in each folder of the project.

    Args:
        paths: The files.
        prefix: Where the project lies in its repository, if the paths begin with that.
    """
    if len(paths) <= FEW:
        return ", ".join(paths)
    paths = [path.removeprefix(prefix) for path in paths]
    folders = Counter(path.partition("/")[0] if "/" in path else "" for path in paths)
    alone = [path for path in paths if "/" not in path]
    parts = [f"{folder} {count}" for folder, count in folders.most_common() if folder]
    if alone:
        parts.append(", ".join(alone) if len(alone) <= FEW else f"{len(alone)} at the top")
    return ", ".join(parts)


def columns() -> int:
    """Return how wide the terminal is."""
    return max(20, shutil.get_terminal_size().columns)


def wrapped(text: str, width: int, hidden: re.Pattern[str]) -> str:
    """Return lines that are no wider than `width`, broken between words; what is set in stays so.

    Args:
        text: The lines.
        width: Columns that there are.
        hidden: What takes no room.
    """
    return "\n".join(_wrapped(each, width, hidden) for each in text.split("\n"))


def _wrapped(text: str, width: int, hidden: re.Pattern[str]) -> str:
    def room(word: str) -> int:
        return len(hidden.sub("", word))

    if room(text) < width:
        return text
    indent = len(text) - len(text.lstrip())
    indent = LABEL + 1 if _LABELLED.match(hidden.sub("", text)) else indent + (2 if indent else 0)
    lines, current = [], ""
    for word in re.split(r"(?<=\S) (?=\S)", text):
        if current and room(current) + 1 + room(word) >= width:
            lines.append(current)
            current = " " * indent + word
        else:
            current = f"{current} {word}" if current else word
    return "\n".join([*lines, current])

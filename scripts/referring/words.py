"""Markdown, and what docstrings say."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence

_SECTION = re.compile(r"^(?:Attributes|Args|Returns|Raises):$", re.MULTILINE)
_ATTRIBUTE = re.compile(r"^(\w+): ")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells are Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def code(text: str) -> str:
    """Return a text as code."""
    return f"`{text}`" if text else ""


def prose(text: str) -> str:
    """Return plain text as Markdown: what looks like a tag, or like one's end, is text."""
    pieces = re.split(r"(`[^`]*`)", text)
    pieces[::2] = [re.sub(r"([<*_\[\]])", r"\\\1", piece) for piece in pieces[::2]]
    return "".join(pieces)


def sentence(text: str) -> str:
    """Return a text as a sentence: with an end, and begun in upper case."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) or not text else ".")


def summary(thing: object) -> str:
    """Return what a docstring says before its sections, as paragraphs."""
    said = inspect.getdoc(thing) or ""
    return _SECTION.split(said, maxsplit=1)[0].strip()


def attributes(thing: object) -> dict[str, str]:
    """Return what the section `Attributes` of a docstring says: {name: text}."""
    _, _, section = (inspect.getdoc(thing) or "").partition("Attributes:\n")
    found: dict[str, str] = {}
    name = ""
    for line in inspect.cleandoc(section).splitlines():
        begins = _ATTRIBUTE.match(line)
        if begins:
            name = begins[1]
            found[name] = line[begins.end() :]
        elif line.startswith(" ") and name:
            found[name] += f" {line.strip()}"
        else:
            break
    return found


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").strip()

"""What a merged file declares, counted against what the three versions declared.

Two sides can bring the same thing at two places, far from each other; a line merge sees nothing in
that. One can move what the other takes away. So the names of a merged file are counted, each in its
scope: what neither side has so often does not belong there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Hashable, Mapping, Sequence

from aegis_cli.merging.diff3 import Lines, changes
from aegis_cli.merging.formats import PROGRAMS, PROSE, Format
from aegis_cli.merging.line import has_word
from aegis_cli.merging.names import bare, declared, is_of_the_file, name_below, names
from aegis_cli.merging.outline import TOP, Outline, Scope, Stack, identities
from aegis_cli.merging.walk import walk

Name = tuple[Scope, bytes]
Places = dict[Name, list[int]]

_ABOUT = re.compile(rb"kind:|  name:")
# A line of an import over several lines.
_NAME = re.compile(rb"(?:\w+\s+as\s+)?(\w+),?$")
# What tells one item of a YAML list from another, wherever it stands in the item.
_TELLING = (b"name ", b"id ", b"uses ", b"repo ", b"container_name ", b"alias ", b"module ")


def places(
    outline: Outline,
    lines: Sequence[bytes],
    wanted: Container[bytes],
    aliases: Mapping[Hashable, Hashable],
    *,
    whole_lines: bool = False,
) -> Places:
    """Say where names are declared.

    Args:
        outline: The same one for all versions, so that their scopes can be compared.
        lines: A whole file.
        wanted: The names to look for.
        aliases: What parents had been called before a side renamed them: they are the same.
        whole_lines: Count lines as well, not only names.

    Returns:
        Positions in `lines`, by scope and name.
    """
    found: Places = {}
    documents = _documents(outline, lines)
    head = b""  # of the table that goes on
    steps = walk(outline, lines, (aliases.get(called, called) for called in identities(lines)))
    for position, (text, (scope, stack)) in enumerate(zip(lines, steps, strict=True)):
        after = lines[position + 1] if position + 1 < len(lines) else b""
        is_row = outline.kind in PROSE and text.lstrip().startswith(b"|")
        head = (head or text.strip()) if is_row else b""
        said = [*_said(outline, text, after, stack, whole_lines=whole_lines)]
        if outline.kind in PROGRAMS:
            opener = outline.opener(scope)
            said.append(name_below(text, opener))
            if (
                opener.startswith(b"from ") and stack and stack.rest
            ):  # it counts where the import stands
                imported = _NAME.match(text.strip())
                if imported and imported[1] in wanted:
                    found.setdefault((stack.rest.outer, imported[1]), []).append(position)
        for name in said:
            if name in wanted:
                at = _raised(outline, scope, stack, text, name)
                is_whole = is_of_the_file(name)  # and not one document's
                named = name if is_whole else name + documents.get(position, b"")
                found.setdefault((at, named), []).append(position)
                if is_row:
                    found.setdefault((at, head + name), []).append(position)
    return found


def _documents(outline: Outline, lines: Sequence[bytes]) -> dict[int, bytes]:
    """In a file of several documents of YAML, which of them each line stands in: what it is, and what it is called."""
    if outline.kind is not Format.YAML or not any(map(_is_between, lines)):
        return {}
    found: dict[int, bytes] = {}
    start = 0
    for end in (*(at for at, text in enumerate(lines) if _is_between(text)), len(lines)):
        about = [text.strip() for text in lines[start:end] if _ABOUT.match(text)]
        found |= dict.fromkeys(range(start, end), b"\0" + b" ".join(about[:2]))
        start = end
    return found


def _is_between(text: bytes) -> bool:
    return text.startswith(b"---")


def _said(
    outline: Outline, text: bytes, after: bytes, stack: Stack | None, *, whole_lines: bool
) -> Collection[bytes]:
    word = text.strip()
    if outline.kind in PROSE and not whole_lines:
        if word.startswith(b"|"):
            return names(word, outline.kind)
        is_heading = stack is not None and stack.level < 0 and stack.text is text
        return (
            (word,) if is_heading else [x for x in names(word, outline.kind) if is_of_the_file(x)]
        )
    if word.startswith((b"#", b"//", b";", b"<!--")) and outline.kind is not Format.MARKDOWN:
        return ()
    if whole_lines:
        return declared(text, outline.kind, after)
    return names(word, outline.kind, after.strip())


def candidates(outline: Outline, base: Lines, ours: Lines, theirs: Lines) -> set[bytes]:
    """The names that both sides' changes speak of: no other can be declared too often by a merge."""
    found: list[set[bytes]] = []
    for side in (ours, theirs):
        spoken: set[bytes] = set()
        for change in changes(base, side):
            for lines in (base[change.start : change.end], change.lines):
                for text, after in zip(lines, (*lines[1:], b"")[: len(lines)], strict=True):
                    spoken |= declared(text, outline.kind, after)
                    if outline.kind in PROGRAMS:
                        spoken |= {name_below(text, None)} - {b""}
        found.append(spoken)
    return found[0] & found[1]


def _raised(outline: Outline, scope: Scope, stack: Stack | None, text: bytes, name: bytes) -> Scope:
    """The scope that a name counts in: what tells an item of a list counts in the list."""
    if is_of_the_file(name):
        return TOP
    if outline.kind is not Format.YAML or not name.startswith(_TELLING) or not stack:
        return scope
    around = stack.rest
    if around and around.text.lstrip().startswith(b"- ") and not text.lstrip().startswith(b"- "):
        return around.outer
    return scope


def moved(base: Lines, side: Lines) -> set[bytes]:
    """What one side takes away at one place and brings at another."""
    made = changes(base, side)
    gone = {bare(text) for change in made for text in base[change.start : change.end]}
    come = {bare(text) for change in made for text in change.lines}
    return {text for text in gone & come if has_word(text)}


def surplus(base: Places, ours: Places, theirs: Places, merged: Places) -> set[Name]:
    """The names that a merge of the three versions may not declare as often as this one does."""
    return {
        name
        for name, at in merged.items()
        if len(at) > most(*(len(version.get(name, ())) for version in (base, ours, theirs)))
    }


def lost(base: Places, ours: Places, theirs: Places, merged: Places) -> set[Name]:
    """The names that all three versions declare, equally often, and a merge of them does not."""
    return {
        name
        for name, at in base.items()
        if len(at)
        == len(ours.get(name, ()))
        == len(theirs.get(name, ()))
        > len(merged.get(name, ()))
    }


def most(base: int, ours: int, theirs: int) -> int:
    """How often a name may stand in a merge, from how often it stands in the three versions."""
    if ours == base:
        return theirs
    if theirs == base:
        return ours
    if (ours - base) * (theirs - base) < 0:
        return max(ours + theirs - base, 0)
    return max(ours, theirs)

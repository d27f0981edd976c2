"""What one side put in front of, or around, new lines of the other side, so that these do something else.

A user or a folder of an image in front of a command, another folder in a script; headers of nginx, of which a block has
those of its own or those from around it, never both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aegis_cli.merging.diff3 import Change, Lines
from aegis_cli.merging.formats import Format
from aegis_cli.merging.lineage import parents
from aegis_cli.merging.outline import STAGE, Outline

_SETS = {
    Format.DOCKER: re.compile(rb"(USER|WORKDIR|SHELL)\s", re.IGNORECASE),
    Format.SHELL: re.compile(rb"(cd)\s"),
}
_RUN = re.compile(rb"(?:RUN|COPY|ADD)\s", re.IGNORECASE)
_TO_FOLDER = re.compile(rb"(?:COPY|ADD)\s.*\s[^/$\s]\S*\s*$|RUN\s+\.", re.IGNORECASE)
_OF_A_FOLDER = re.compile(rb"(?:^|[\s\"'=])(?:(?:\.{1,2}/|[\w-]+/)[\w.]|(?:\*|\.)(?:\s|$))")
_INHERITED = re.compile(
    rb"\s*(add_header|proxy_set_header|fastcgi_param|uwsgi_param|limit_req|proxy_hide_header)\s"
)


def set_up_otherwise(
    outline: Outline, made: Sequence[Sequence[Change]], merged: Lines
) -> set[Change]:
    """The changes of which one brings lines that do something else because of what the other brings."""
    brought = [{line: x for x in side for line in x.lines} for side in made]
    if outline.kind in _SETS:
        pairs = _behind(outline.kind, brought, merged)
    elif outline.kind is Format.CONF:
        pairs = _around(brought, merged)
    else:
        return set()
    return {change for pair in pairs for change in pair}


def _behind(
    kind: Format, brought: Sequence[dict[bytes, Change]], merged: Lines
) -> Iterator[tuple[Change, Change]]:
    """What is set by one side, and what the other side runs after that."""
    for ours, theirs in (brought, reversed(brought)):
        open_now: dict[bytes, Change] = {}
        for line in merged:
            if STAGE.match(line):
                open_now = {}
            elif found := _SETS[kind].match(line):
                word = found[1].upper()
                open_now.pop(word, None)
                if line in ours and line not in theirs:
                    open_now[word] = ours[line]
            elif line in theirs and line not in ours:
                yield from ((x, theirs[line]) for word, x in open_now.items() if _minds(word, line))


def _minds(word: bytes, line: bytes) -> bool:
    """Whether it matters to a command that something was set."""
    if word == b"CD":
        return _OF_A_FOLDER.search(line) is not None and not line.startswith(b"#")
    if word == b"WORKDIR":
        return _TO_FOLDER.match(line) is not None
    return _RUN.match(line) is not None


def _around(
    brought: Sequence[dict[bytes, Change]], merged: Lines
) -> Iterator[tuple[Change, Change]]:
    """What one side brings to a block, and the other to a block around it, of a kind that is not added up."""
    above = parents(Outline(Format.CONF), merged)
    given = [(at, found[1]) for at, line in enumerate(merged) if (found := _INHERITED.match(line))]
    for at, word in given:
        around = {above[at]}
        parent = above[at]
        while parent is not None:
            parent = above[parent]
            around.add(parent)
        for other, same in given:
            if same != word or above[other] == above[at] or above[other] not in around:
                continue
            for ours, theirs in (brought, reversed(brought)):
                inner, outer = ours.get(merged[at]), theirs.get(merged[other])
                if inner and outer and merged[at] not in theirs and merged[other] not in ours:
                    yield inner, outer

"""What a line declares. Two sides that declare the same thing differently have no common answer.

A file's own syntax catches some duplicates (JSON keys, TOML tables), but a second `PORT=`, a second
`def main` or a second version of one requirement parses well, and the last one wins in silence.
Reading a line too eagerly here costs a conflict; missing a name could cost a wrong merge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_DEFINITION = re.compile(
    rb"(?:(?:pub|public|private|export|default|static|abstract|async)\s+)*"
    rb"(?:def|class|fn|func|function|interface|struct|enum|type|trait|module|macro)\s+([\w.$-]+)"
)
_SHELL_FUNCTION = re.compile(rb"([\w.-]+)\s*\(\)\s*\{?")
_PREFIXES = re.compile(
    rb"(?:(?:export|const|let|var|ARG|ENV|LABEL|set|declare|local|readonly)\s+)+"
)
_ASSIGNMENT = re.compile(rb"([^\s=:(#][^=:(#+]*?)\s*(?::\s*[^=]+?)?(?:::?|\?|!)?=(?!=)")
_MAPPING = re.compile(rb"(\"[^\"]*\"|'[^']*'|[^\s\"'#:][^:#]*?)\s*:(?:\s|$)")
_SPACED = re.compile(rb"(?:ENV|ARG)\s+(\w+)")
_IMPORT = re.compile(rb"(?:from\s+[\w.]+\s+)?import\s+(?!\()([^()#]+)$")
_INSTRUCTION = re.compile(rb"(CMD|ENTRYPOINT|USER|WORKDIR|HEALTHCHECK|SHELL|STOPSIGNAL)\s")
_REQUIREMENT = re.compile(
    rb"[\"']?([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:(?:[=<>!~]=|[<>@;]).*|[\"']?,?)$"
)
_ITEM = re.compile(rb"[-*+]\s+")


def declared(text: bytes) -> set[bytes]:
    """The names that a line declares.

    Args:
        text: One line of any format.

    Returns:
        Keys, targets, functions, imported names, requirements; without their quotes. The line
        itself is among them, unless it is blank or one that may well stand twice (a bracket,
        `[[table]]`, `@decorator`).
    """
    line = text.strip()
    if not re.search(rb"\w|[\x80-\xff]", line):
        return set()
    if line.startswith(
        b"[["
    ):  # one more table of an array; what is in it is told apart by its scope
        return set()
    if line.startswith(b"@") and b'"' not in line and b"'" not in line:
        return set()
    return {line, *_names(line)}


def _names(line: bytes) -> Iterator[bytes]:
    if line.startswith((b"#", b"//", b";")):
        return
    item = _ITEM.match(line)
    bare = line[item.end() :] if item else line
    if requirement := _REQUIREMENT.match(bare):
        yield re.sub(rb"[-_.]+", b"-", requirement[1]).lower()
    for pattern in (_DEFINITION, _SHELL_FUNCTION, _SPACED, _INSTRUCTION):
        if found := pattern.match(bare):
            yield found[1]
    if found := _IMPORT.match(bare):
        for part in found[1].split(b","):
            yield part.split(b" as ")[-1].strip()
        return
    prefix = _PREFIXES.match(bare)
    rest = bare[prefix.end() :] if prefix else bare
    if found := _ASSIGNMENT.match(rest):
        for part in found[1].split(b","):
            yield part.strip(b" \t\"'()*")
    elif not item and (found := _MAPPING.match(rest)):
        yield found[1].strip(b" \t\"'")

"""What a line declares. Two sides that declare the same thing differently have no common answer.

A file's own syntax catches some duplicates (JSON keys, TOML tables), but a second `PORT=`, a second
`def main`, a second `add_middleware(X, ...)` or a second version of one requirement parses well, and
one of them wins in silence. Reading a line too eagerly here costs a conflict; missing a name could
cost a wrong merge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from aegis_cli.merging.formats import PROGRAMS, Format

_DEFINITION = re.compile(
    rb"(?:(?:pub|public|private|export|default|static|abstract|async)\s+)*"
    rb"(?:def|class|fn|func|function|interface|struct|enum|type|trait|module|macro)\s+([\w.$-]+)"
)
_SHELL_FUNCTION = re.compile(rb"([\w.-]+)\s*\(\)\s*\{?")
_PREFIXES = re.compile(
    rb"(?:(?:export|const|let|var|ARG|ENV|LABEL|set|declare|local|readonly)\s+)+"
)
_ASSIGNMENT = re.compile(rb"([^\s=:(#][^=:(#+]*?)\s*(?::\s*[^=]+?)?(?:::?|\?|!)?=(?!=)")
_AUGMENTED = re.compile(
    rb"([\w.]+(?:\[[^\]]*\])?)\s*(?:[-+*/%@&|^]|//|\*\*|<<|>>|\|\||&&|\?\?)=(?!=)"
)
_MAPPING = re.compile(rb"(\"[^\"]*\"|'[^']*'|[^\s\"'#:][^:#]*?)\s*:(?:\s|$)")
_SPACED = re.compile(rb"(?:ENV|ARG|LABEL)\s+([\w.-]+)")
_IMPORT = re.compile(rb"(?:from\s+[\w.]+\s+)?import\s+(?!\()([^()#]+)$")
_ALIAS = re.compile(rb"\w+\s+as\s+(\w+)\s*,?$")
_INSTRUCTION = re.compile(
    rb"(CMD|ENTRYPOINT|USER|WORKDIR|HEALTHCHECK|SHELL|STOPSIGNAL)\s", re.IGNORECASE
)
_STAGE = re.compile(rb"FROM\s.*\sAS\s+(\S+)", re.IGNORECASE)
_EXPOSED = re.compile(rb"EXPOSE\s+(\d+)", re.IGNORECASE)
_REQUIREMENT = re.compile(
    rb"[\"']?([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:(?:[=<>!~]=|[<>@;]).*|[\"']?,?)$"
)
_PINNED = re.compile(
    rb"(?:-\s+[\"']?|[\"'])([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*[=<>!~]=?\s*\d"
)
_OPTION = re.compile(rb"(--?[a-z][\w-]*)[\s=]")
_ITEM = re.compile(rb"[-*+]\s+")
_CALL = re.compile(
    rb"(?:await\s+|return\s+)?(?:[\w.$\[\]\"']+\s*=\s*)?([A-Za-z_$][\w.$]*)\s*\(\s*(.*)"
)
_NO_CALL = re.compile(
    rb"(?:if|elif|while|for|with|match|switch|catch|def|class|function|lambda|assert|del|not|and|or"
    rb"|from|import|except|async|else|yield|in)\b"
)
_ARGUMENT = re.compile(rb"(\w+\s*=(?!=))|([^,()\[\]{}]*)")
_USES = re.compile(rb"(?:-\s+)?uses\s*:\s*[\"']?([^@\s\"'#]+)")
_PORT = re.compile(
    rb"-\s+[\"']?(?:[\d.]+:|\[[^\]]*\]:)?(\d+|\$\{[^}]+\}|\d+-\d+):\d+(?:-\d+)?(?:/\w+)?[\"']?\s*(?:#.*)?$"
)
_MOUNT = re.compile(rb"-\s+[\"']?[^\s:\"'$]+:(/[^:\s\"']*)(?::\w+)?[\"']?\s*$")
_IDENTIFIED = re.compile(
    rb"(?:-\s+)?(name|id|repo|container_name|alias|module|job_name|hostname)\s*[:=]\s*(.+)$"
)
_NUMBERED = re.compile(rb"(\d+[.)])\s")
_ROW = re.compile(rb"\|\s*([^|]*?)\s*\|")
_POINT = re.compile(rb"[-*+]\s+(?:(\*\*[^*]+\*\*|`[^`]+`)|\[([^\]]+)\])")
_VALUE = re.compile(rb"[^=:#@]+[=:@]+\s*([^#]*\w)")
_RULE = re.compile(rb"([^\s:=#][^:=#]*?)\s*::?(?!=)(?:\s|$)")
_REPEATED = (b".PHONY", b".SUFFIXES", b".SECONDARY", b".PRECIOUS", b".DELETE_ON_ERROR")


def declared(text: bytes, kind: Format = Format.TEXT, after: bytes = b"") -> frozenset[bytes]:
    """The names that a line declares, and the line itself.

    Args:
        text: One line.
        kind: Of what kind of text.
        after: The line that follows; where a call is broken after its bracket, its first argument.

    Returns:
        `names`, and the line itself, unless it is blank or one that may well stand twice (a bracket,
        `[[table]]`, `@decorator`).
    """
    return _declared(text.strip(), kind, after.strip())


@lru_cache(maxsize=1 << 15)
def _declared(line: bytes, kind: Format, after: bytes) -> frozenset[bytes]:
    if not _says_something(line):
        return frozenset()
    return frozenset({bare(line), *names(line, kind, after)})


@lru_cache(maxsize=1 << 15)
def names(line: bytes, kind: Format = Format.TEXT, after: bytes = b"") -> frozenset[bytes]:
    """The keys, targets, functions, imported names, requirements, ... that a line declares.

    Args:
        line: One line, stripped.
        kind: Of what kind of text.
        after: The line that follows, stripped.

    Returns:
        Names without their quotes; a name that is not the file's own (a call's, a port's) says what
        it is: `port 8000`.
    """
    if not _says_something(line):
        return frozenset()
    special = _SPECIAL.get(kind, _nothing_more)(line, after)
    return frozenset(name for name in (*_names(line, kind), *special) if name)


@lru_cache(maxsize=1 << 15)
def identity(line: bytes) -> bytes:
    """What a line is called as a parent: its first name, or else the line."""
    for name in _names(line, Format.TEXT):
        return name
    return bare(line)


def _says_something(line: bytes) -> bool:
    if not re.search(rb"\w|[\x80-\xff]", line):
        return False
    if line.startswith(b"[["):
        return False  # one more table of an array; what is in it is told apart by its scope
    return not (line.startswith(b"@") and b'"' not in line and b"'" not in line)


def bare(text: bytes) -> bytes:
    """A line without its indentation, and without the comma that only says that more follow."""
    return text.strip().removesuffix(b",")


def called(text: bytes) -> bytes:
    """What makes a line the same one in other versions: an item of a list that asks for a package, by its name."""
    word = bare(text)
    found = _PINNED.match(word)
    return re.sub(rb"[-_.]+", b"-", found[1]).lower() if found else word


def value(text: bytes) -> bytes:
    """What a line gives to a name, whatever it is called; empty where it gives nothing."""
    found = _VALUE.match(text.strip())
    return found[1] if found else b""


def _names(line: bytes, kind: Format) -> Iterator[bytes]:
    if line.startswith((b"#", b"//", b";")):
        return
    item = _ITEM.match(line)
    rest = line[item.end() :] if item else line
    for pattern in (_DEFINITION, _SHELL_FUNCTION, _SPACED, _INSTRUCTION):
        if found := pattern.match(rest):
            yield found[1]
    if requirement := _REQUIREMENT.match(rest):
        yield re.sub(rb"[-_.]+", b"-", requirement[1]).lower()
    if found := _IMPORT.match(rest):
        for part in found[1].split(b","):
            yield part.split(b" as ")[-1].strip()
    else:
        prefix = _PREFIXES.match(rest)
        yield from _given(rest[prefix.end() :] if prefix else rest, kind, is_item=bool(item))


def _given(rest: bytes, kind: Format, *, is_item: bool) -> Iterator[bytes]:
    """What a line gives a value to."""
    if found := _ASSIGNMENT.match(rest):
        for part in found[1].split(b","):
            yield part.strip(b" \t\"'()*")
    elif kind in PROGRAMS and (found := _AUGMENTED.match(rest)):
        yield found[1]
    elif not is_item and (found := _MAPPING.match(rest)):
        yield found[1].strip(b" \t\"'")


def _in_program(line: bytes, after: bytes) -> Iterator[bytes]:
    """`callee(first argument)`; `callee()` where that is missing or given by keyword."""
    if found := _ALIAS.match(line):
        yield found[1]
    found = _CALL.match(line)
    if not found or _NO_CALL.match(line):
        return
    argument = _ARGUMENT.match(found[2] or after)
    first = b"" if argument is None or argument[1] else argument[2].strip()
    yield b"%s(%s)" % (found[1], first)


def _in_yaml(line: bytes, _: bytes) -> Iterator[bytes]:
    if found := _USES.match(line):
        yield b"uses " + found[1]
    elif found := _IDENTIFIED.match(line):
        yield b"%s %s" % (found[1], found[2].strip(b"\"' "))
    elif found := _PORT.match(line):
        yield b"port " + found[1]
    elif found := _MOUNT.match(line):
        yield b"mount " + found[1].rstrip(b"/")


def _in_ini(line: bytes, _: bytes) -> Iterator[bytes]:
    if line.startswith(b"["):
        yield line.partition(b"]")[0]


def _in_toml(line: bytes, _: bytes) -> Iterator[bytes]:
    if line.startswith(b"["):
        yield line.partition(b"]")[0]
    elif found := _IDENTIFIED.match(line):
        yield b"%s = %s" % (found[1], found[2].strip(b"\"' "))


def _in_dockerfile(line: bytes, _: bytes) -> Iterator[bytes]:
    for pattern, what in ((_STAGE, b"stage"), (_EXPOSED, b"port")):
        if found := pattern.match(line):
            yield b"%s %s" % (what, found[1])


def _in_requirements(line: bytes, _: bytes) -> Iterator[bytes]:
    if found := _OPTION.match(line):
        yield found[1]


def _in_makefile(line: bytes, _: bytes) -> Iterator[bytes]:
    if not line.startswith(_REPEATED) and (found := _RULE.match(line)):
        yield from found[1].split()


def _in_prose(line: bytes, _: bytes) -> Iterator[bytes]:
    for pattern in (_NUMBERED, _ROW, _POINT):
        if found := pattern.match(line):
            yield next(filter(None, found.groups()), b"")


def _nothing_more(_: bytes, __: bytes) -> Iterator[bytes]:
    return iter(())


_SPECIAL: dict[Format, Callable[[bytes, bytes], Iterator[bytes]]] = {
    Format.PYTHON: _in_program,
    Format.CODE: _in_program,
    Format.YAML: _in_yaml,
    Format.TOML: _in_toml,
    Format.INI: _in_ini,
    Format.DOCKER: _in_dockerfile,
    Format.REQUIREMENTS: _in_requirements,
    Format.MAKE: _in_makefile,
    Format.MARKDOWN: _in_prose,
    Format.REST: _in_prose,
}

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

from aegis_cli.merging.choices import questions
from aegis_cli.merging.code_names import imported
from aegis_cli.merging.formats import PROGRAMS, Format
from aegis_cli.merging.markup import in_css, in_html, in_proto, is_markup
from aegis_cli.merging.requirements import in_requirements
from aegis_cli.merging.rows import in_crontab, in_csv, in_env, in_text
from aegis_cli.merging.sql import in_sql

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
_ITEM = re.compile(rb"[-*+]\s+")
_CALL = re.compile(
    rb"(?:await\s+|return\s+)?(?:[\w.$\[\]\"']+\s*=\s*)?([A-Za-z_$][\w.$]*)\s*\(\s*(.*)"
)
_NO_CALL = re.compile(
    rb"(?:if|elif|while|for|with|match|switch|catch|def|class|function|lambda|assert|del|not|and|or"
    rb"|from|import|except|async|else|yield|in)\b"
)
_ARGUMENT = re.compile(rb"(\w+\s*=(?!=))|([^,()\[\]{}]*)")
USES = re.compile(rb"(?:-\s+)?uses\s*:\s*[\"']?([^@\s\"'#]+)")
_PORT = re.compile(
    rb"-\s+[\"']?(?:[\d.]+:|\[[^\]]*\]:)?(\d+|\$\{[^}]+\}|\d+-\d+):\d+(?:-\d+)?(?:/\w+)?[\"']?\s*(?:#.*)?$"
)
_PUBLISHED = re.compile(
    rb"(?:-\s+)?(?:published|nodePort|hostPort)\s*:\s*[\"']?(\d+(?:-\d+)?)[\"']?\s*(?:#.*)?$"
)
# An item with something below it, by which it is known in a list whose other items are only words.
_WITH_MORE = re.compile(
    rb"-\s+(?!(?:block|always|rescue|if|when|not|and|or|any|all)\b)([\w.-]+)\s*:$"
)
_MOUNT = re.compile(rb"-\s+[\"']?[^\s:\"'$]+:(/[^:\s\"']*)(?::\w+)?[\"']?\s*$")
# A variable that a service gets from whoever starts it.
_PASSED = re.compile(rb"-\s+[\"']?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)[\"']?$")
# One of the things that a package says of itself, of which there is one.
_STATED = re.compile(rb"[\"']((?:Development Status|License)) ::")
_IDENTIFIED = re.compile(
    rb"(?:-\s+)?(name|id|repo|container_name|alias|module|job_name|hostname)\s*[:=]\s*(.+)$"
)
_VERSION = re.compile(
    rb"(?:-\s+[\"']?|[\"'])v?(\d+(?:\.\d+)*)"
    rb"(?:\.[xX*]|[-.]?(?:dev|alpha|beta|a|b|rc|pre|next|nightly)[-.]?\d*)?[\"']?,?\s*(?:#.*)?$"
)
_NUMBERED = re.compile(rb"(\d+[.)])\s")
# A link, a footnote, a substitution, by the name that the text has for it.
_REFERENCE = re.compile(rb"(\[[^\]]+\]):\s|\.\.\s+(\[[^\]]+\]|\|[^|]+\||_[^:]+:\s)")
_ROUTE = re.compile(
    rb"(@[\w.]+\.(?:(?:get|post|put|patch|delete|head|options|route|websocket|api_route)\(\s*[rf]?[\"'](?:/[^\"']*)?[\"']"
    rb"|(?:exception_handler|errorhandler|command|task)\(\s*[^\s,()=]+(?=\s*[,)])))"
)
_TABLE = re.compile(rb"__tablename__\s*=\s*[\"'](\w+)")
_TAKES_OPTIONS = re.compile(rb".*?(\w+\.add_argument|\bOption)\(")
_SHORT = re.compile(rb"[\"'](-{1,2}[A-Za-z][\w-]*)[\"']")
_ID = rb"\bid\s*=\s*([\"'][^\"']+[\"'])"
_REGISTERED = re.compile(rb".*\.(?:add|register|schedule)\w*\(.*" + _ID)
_REGISTERS = re.compile(rb".*\.(?:add|register|schedule)\w*\($")
_BY_ID = re.compile(_ID)
_MEMBER = re.compile(rb"[A-Z]\w*\s*=\s*([^#\s](?:[^#]*[^#\s])?)\s*(?:#.*)?$")
_ROW_OF_LIST = re.compile(rb"\(\s*(-?\d+|\"[^\"]*\"|'[^']*')\s*,")
_PACKAGE = re.compile(rb"(?:\w+\s+)?(\"[\w./-]+\")$")  # as Go imports it, one a line
_GO_FIELD = re.compile(rb"(\w+)\s+[*\[\]\w.]+(?:\s+`[^`]*`)?$")
_STRUCT = re.compile(rb"\bstruct\s*\{$")
_ENUM = re.compile(rb"class\s+\w+\s*\(.*(?:Enum|Flag)\b")
_DIRECTIVE = re.compile(
    rb"([A-Za-z_][\w-]*)\s+((?:[^\s=:;{]|\{[\w.$]+\})(?:[^\s;{]|\{[\w.$]+\})*)\s*([^;{]*)(\{(?=\s|$))?"
)
# As Caddy names them.
_SITE = re.compile(rb"((?:https?://)?(?:[\w*-]+\.)+[\w*-]+(?::\d+)?(?:,\s.*)?|:\d+)\s*\{$")
_MANY = frozenset(
    (
        b"add_header header proxy_set_header proxy_hide_header proxy_pass_header fastcgi_param uwsgi_param set env map"
        b" geo server include allow deny rewrite listen location load_module loadmodule save rename-command user"
        b" client-output-buffer-limit error_page access_log error_log log_format limit_req limit_req_zone sub_filter"
    ).split()
)
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
    own = {bare(line)} if _says_something(line) else set()
    return frozenset({*own, *names(line, kind, after)})


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
    if not _says_something(line) and not line.startswith(b"@"):
        return frozenset()
    special = _SPECIAL.get(kind, _nothing_more)(line, after)
    found = {name for name in (*_names(line, kind), *special) if name}
    found.update([*questions(found, kind)])
    return frozenset(found)


@lru_cache(maxsize=1 << 15)
def identity(line: bytes) -> bytes:
    """What a line is called as a parent: its first name, or else the line."""
    for name in _names(line, Format.TEXT):
        return name
    return bare(line)


def share_a_name(one: bytes, other: bytes, kind: Format = Format.TEXT) -> bool:
    """Whether two lines declare one thing."""
    return not names(one.strip(), kind).isdisjoint(names(other.strip(), kind))


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


def is_of_the_file(name: bytes) -> bool:
    """Whether a name is one in the whole file, whatever its line belongs to: a host's port, a job's id, a link."""
    return name.startswith(
        (b"port ", b"container_name ", b"registered ", b"link ", b"element ", b"table ")
    )


def name_below(text: bytes, opener: bytes | None) -> bytes:
    """What a line declares because of the line that it belongs to.

    Args:
        text: A line.
        opener: The line that it belongs to; None where that is not known, and could be any.

    Returns:
        The value of an enumeration's member (two of one value are one member), the id of what is registered, what
        begins a row of a list, a package or a field of Go; empty for any other line.
    """
    word, parent = text.strip(), None if opener is None else opener.strip()
    found = _MEMBER.match(word)
    if found and b"auto()" not in found[1] and (parent is None or _ENUM.match(parent)):
        return b"member " + found[1]
    found = _ROW_OF_LIST.match(word)
    if found and (parent is None or parent.endswith(b"[")):
        return b"item " + found[1].replace(b"'", b'"')
    found = _PACKAGE.match(word)
    if found and (parent is None or parent == b"import ("):
        return b"import " + found[1]
    found = _GO_FIELD.match(word)
    if found and (parent is None or _STRUCT.search(parent)):
        return b"field " + found[1]
    found = _BY_ID.match(word)
    if found and (parent is None or _REGISTERS.match(parent)):
        return b"registered " + found[1].strip(b"\"'")
    return b""


def _names(line: bytes, kind: Format) -> Iterator[bytes]:
    if line.startswith((b"#", b"//", b";")) or kind in _BY_SYNTAX:
        return
    if kind is Format.HTML and is_markup(line):
        return
    if kind is Format.MAKE and line.startswith(_REPEATED):
        return  # they add up: no such line says what another one does
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
        yield found[1].strip(b" \t\"'").rstrip(b"?!" if kind in PROGRAMS else b"")


def _in_program(line: bytes, after: bytes) -> Iterator[bytes]:
    """`callee(first argument)`; `callee()` where that is missing or given by keyword."""
    if line.startswith(b"@"):
        if found := _ROUTE.match(line + after if line.endswith(b"(") else line):
            said = re.sub(rb"\s|(?<=\()[rf](?=[\"'])", b"", found[1]).replace(b"'", b'"')
            yield re.sub(rb"\{\w+(?::\w+)?\}", b"{}", said)  # whatever its parameters are called
        return
    if found := _ALIAS.match(line):
        yield found[1]
    yield from imported(line)
    if found := _TAKES_OPTIONS.match(line):
        yield from (b"%s %s" % (found[1], option) for option in _SHORT.findall(line))
    if found := _TABLE.match(line):
        yield b"table " + found[1]
    if found := _REGISTERED.match(line):
        yield b"registered " + found[1].strip(b"\"'")
    found = _CALL.match(line)
    if not found or _NO_CALL.match(line):
        return
    argument = _ARGUMENT.match(found[2] or after)
    first = b"" if argument is None or argument[1] else argument[2].strip()
    # Of what is put into one thing twice, the last counts, whatever it is called.
    yield found[1] if found[1].endswith(b".update") else b"%s(%s)" % (found[1], first)


def _in_yaml(line: bytes, _: bytes) -> Iterator[bytes]:
    if found := USES.match(line):
        yield b"uses " + found[1]
    elif found := _IDENTIFIED.match(line):
        called = found[2].strip(b"\"' ")
        yield b"%s %s" % (found[1], called.removesuffix(b".git") if found[1] == b"repo" else called)
    elif found := _PORT.match(line) or _PUBLISHED.match(line):
        yield b"port " + found[1]
    elif found := _WITH_MORE.match(line):
        yield found[1].lower()
    elif found := _PASSED.match(line):
        yield found[1]
    elif found := _MOUNT.match(line):
        yield b"mount " + found[1].rstrip(b"/")
    else:
        yield from _version(line)


def _version(line: bytes) -> Iterator[bytes]:
    """An item of a list that is a version: one and its preview are answers to one question."""
    if found := _VERSION.match(line):
        yield b"version " + found[1]


def _in_ini(line: bytes, _: bytes) -> Iterator[bytes]:
    if line.startswith(b"["):
        yield line.partition(b"]")[0]


def _in_conf(line: bytes, after: bytes) -> Iterator[bytes]:
    """A directive by its first word; one that may well stand twice, and a block, by the second as well."""
    yield from _in_ini(line, after)
    if found := _SITE.match(line):
        yield from found[1].split(b", ")
    elif found := _DIRECTIVE.match(line):
        word, argument, more, block = found.groups()
        if block:
            yield b" ".join((word, argument, more)).strip()
        else:
            yield b"%s %s" % (word, argument) if word in _MANY else word


def _in_rules(line: bytes, _: bytes) -> Iterator[bytes]:
    if not line.startswith((b"#", b"[")):
        yield line.split()[0]


def _in_toml(line: bytes, _: bytes) -> Iterator[bytes]:
    if line.startswith(b"["):
        yield line.partition(b"]")[0]
    elif found := _IDENTIFIED.match(line):
        yield b"%s = %s" % (found[1], found[2].strip(b"\"' "))
    elif found := re.match(rb"[\"']([\w-]+): ", line) or _STATED.match(line):
        yield b"item " + found[1]
    else:
        yield from _version(line)


def _in_dockerfile(line: bytes, _: bytes) -> Iterator[bytes]:
    for pattern, what in ((_STAGE, b"stage"), (_EXPOSED, b"port")):
        if found := pattern.match(line):
            yield b"%s %s" % (what, found[1])


def _in_makefile(line: bytes, _: bytes) -> Iterator[bytes]:
    if not line.startswith(_REPEATED) and (found := _RULE.match(line)):
        yield from found[1].split()


def _in_prose(line: bytes, _: bytes) -> Iterator[bytes]:
    if found := _REFERENCE.match(line):
        yield b"link " + (found[1] or found[2]).strip().lower()
    for pattern in (_NUMBERED, _ROW, _POINT):
        if found := pattern.match(line):
            yield next(filter(None, found.groups()), b"")


def _nothing_more(_: bytes, __: bytes) -> Iterator[bytes]:
    return iter(())


# Of their lines, nothing is a name that is not said by their own syntax.
_BY_SYNTAX = frozenset({Format.CSS, Format.PROTO, Format.CSV})
_SPECIAL: dict[Format, Callable[[bytes, bytes], Iterator[bytes]]] = {
    Format.PYTHON: _in_program,
    Format.CODE: _in_program,
    Format.YAML: _in_yaml,
    Format.TOML: _in_toml,
    Format.INI: _in_ini,
    Format.CONF: _in_conf,
    Format.SQL: in_sql,
    Format.RULED: _in_rules,
    Format.DOCKER: _in_dockerfile,
    Format.REQUIREMENTS: in_requirements,
    Format.MAKE: _in_makefile,
    Format.MARKDOWN: _in_prose,
    Format.REST: _in_prose,
    Format.HTML: in_html,
    Format.CSS: in_css,
    Format.PROTO: in_proto,
    Format.CSV: in_csv,
    Format.CRON: in_crontab,
    Format.ENV: in_env,
    Format.TEXT: in_text,
}

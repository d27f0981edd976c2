"""Names that one side's new lines speak of, while the other side took them away or renamed them.

A merge of lines sees nothing in that, and the file still parses. Looked for where a line says so without a doubt: in
Python by its syntax; in other formats where a line refers to a job, a service, a target, a stage, a variable, a column.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from aegis_cli.merging.bindings import unbound
from aegis_cli.merging.diff3 import Change, Lines
from aegis_cli.merging.formats import Format
from aegis_cli.merging.names import names

_ITEM_OR_VALUE = re.compile(
    rb"(?:-\s+|(?:-\s+)?[\w.-]+\s*:\s*)(\[[^\]]*\]|[\"']?[\w.-]+[\"']?)\s*(?:#.*)?$"
)
_MAPS = re.compile(rb"[\"']?([\w.-]+)[\"']?\s*:\s*\{?\s*(?:#.*)?$")
_RULE = re.compile(rb"[^\s:=#][^:=#]*::?(?!=)([^#;]*)")
_IN_MAKE = re.compile(rb"\$[({]([\w.-]+)[)}]|\$\(MAKE\)\s+([\w.-]+)")
_IN_SHELL = re.compile(rb"\$\{?(\w+)")
_STAGE = re.compile(rb"--from=([\w.-]+)|^FROM\s+([\w.-]+)(?:\s|$)", re.IGNORECASE)
_UPSTREAM = re.compile(rb"upstream\s+([\w.-]+)")
_PASSED = re.compile(rb"_pass\s+(?:\w+://)?([\w.-]+)")
_GROUP = re.compile(rb"include-group\s*=\s*[\"']([^\"']+)")
_KEY_OR_ID = re.compile(rb"(?:-\s+)?(?:id\s*:\s*[\"']?([\w-]+)|([\w-]+)\s*:)")
_ITEM = re.compile(rb"-\s+[\"']?([\w.-]+)[\"']?\s*(?:#.*)?$")
_OF_STAGE = re.compile(rb"stage\s*:\s*[\"']?([\w.-]+)")
_REFERENCE = re.compile(rb"\$ref[\"']?\s*:\s*[\"']?#/([^\"'\s]+)")
_EXPRESSION = re.compile(rb"\$\{\{(.*?)\}\}|^\s*(?:-\s+)?if\s*:(.*)")
_OF_WORKFLOW = re.compile(
    rb"\b(?:env|inputs|matrix|needs|steps|outputs)\.([\w-]+)(?:\.outputs\.([\w-]+))?"
)
_SECTION = re.compile(rb"\{\[([^\]]+)\]")
_RESOURCE = re.compile(rb"(?:resource|data|variable|module)\s+(?:\"[\w-]+\"\s+)?\"([\w-]+)\"\s*\{")
_OF_RESOURCE = re.compile(rb"\b(?:var|module|data\.\w+|[a-z0-9]+_\w+)\.([\w-]+)")
_VARIABLE = re.compile(rb"((?:--|\$)[\w-]+)\s*:")
_OF_CSS = re.compile(rb"(?<![\w-])((?:--|\$)[\w-]+)(?!\s*:)")
_MESSAGE = re.compile(rb"(?:message|enum)\s+(\w+)")
_DEFINED = re.compile(
    rb"(?:(?:pub|public|private|export|default|static|abstract|async)\s+)*"
    rb"(?:def|class|fn|func|function|interface|struct|enum|type|trait|module|const|let|var)\s+([\w$]+)"
)
_IMPORTED = re.compile(rb"import\s+(?:type\s+)?\{([^{}]*)\}\s*from\b")
_IDENTIFIER = re.compile(rb"(?<![\w$.])([A-Za-z_$][\w$]*)(?![\w$]|\s*:(?!:))")
_STRING = re.compile(rb"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
_WORDS = re.compile(rb"[\w.-]+")
_NAMES = re.compile(rb"[^\W\d]\w*|[\x80-\xff]+")
_COMMAND = re.compile(rb"\s*(?:(?:if|while|until|then|else|do|!|&&|\|\|)\s+)*([\w-]+)")

# So long names, at least: shorter ones may be anything.
_TELLING = 3

Spoken = Iterator[bytes]
Declares = Callable[[bytes], Iterable[bytes]]
Speaks = Callable[[bytes], Spoken]


def gone_and_spoken_of(
    kind: Format,
    versions: tuple[Lines, Lines, Lines],
    made: Sequence[Sequence[Change]],
    merged: Lines,
) -> set[Change]:
    """The changes of which one takes a name away and the other speaks of it.

    Args:
        kind: Of what kind of text.
        versions: Base, ours and theirs.
        made: The changes of our side, and of theirs.
        merged: What they were merged to, with no conflict left.
    """
    base, ours, theirs = versions
    if kind is Format.PYTHON:
        if not _may_concern(base, made):
            return set()
        lost = unbound(*map(b"".join, (base, ours, theirs, merged)))
    else:
        lost = _lost(kind, base, (ours, theirs), made)
    found: set[Change] = set()
    for name, loser in lost:
        is_said = re.compile(rb"(?<![\w-])" + re.escape(name) + rb"(?![\w-])", re.IGNORECASE).search
        taking = {x for x in made[loser] if any(map(is_said, base[x.start : x.end]))}
        speaking = {x for x in made[1 - loser] if any(map(is_said, x.lines))}
        found |= taking | speaking if speaking else set()
    return found


def _may_concern(base: Lines, made: Sequence[Sequence[Change]]) -> bool:
    """Whether one side takes a word away, be it from one line only, that the other brings."""
    taken, come = (
        [
            {word for x in side for text in lines(x) for word in _NAMES.findall(text)}
            for side in made
        ]
        for lines in (lambda x: base[x.start : x.end], lambda x: x.lines)
    )
    return any(taken[loser] & come[1 - loser] for loser in (0, 1))


def _lost(
    kind: Format, base: Lines, sides: tuple[Lines, Lines], made: Sequence[Sequence[Change]]
) -> Iterator[tuple[bytes, int]]:
    """Names, with the side that does not declare them any more."""
    for declares, speaks in _MENTIONS.get(kind, ()):
        for loser, speaker in ((0, 1), (1, 0)):
            taken = _taken(declares, base, made[loser])
            if not taken:
                continue
            come = Counter(name for x in made[speaker] for text in x.lines for name in speaks(text))
            come.subtract(
                name
                for x in made[speaker]
                for text in base[x.start : x.end]
                for name in speaks(text)
            )
            taken &= {name for name, count in come.items() if count > 0}
            kept = {name for text in sides[loser] for name in declares(text)} if taken else set()
            own = {name for x in made[speaker] for text in x.lines for name in declares(text)}
            for name in sorted(taken - kept - own):
                yield name, loser


def _taken(declares: Declares, base: Lines, made: Sequence[Change]) -> set[bytes]:
    gone = {name for x in made for text in base[x.start : x.end] for name in declares(text)}
    return {name for name in gone if len(name) >= _TELLING}


# -- what lines declare, and what they speak of --------------------------------------------------


def _named(kind: Format) -> Callable[[bytes], Collection[bytes]]:
    def declares(text: bytes) -> Collection[bytes]:
        return names(text.strip(), kind)

    return declares


def _mappings(text: bytes) -> Spoken:
    """Keys with something below: jobs, services, volumes."""
    if found := _MAPS.match(text.strip()):
        yield found[1]


def _keys_and_ids(text: bytes) -> Spoken:
    """What expressions of a workflow speak of: variables, inputs, outputs, keys of a matrix, ids of steps."""
    if found := _KEY_OR_ID.match(text.strip()):
        yield found[1] or found[2]


def _items(text: bytes) -> Spoken:
    if found := _ITEM.match(text.strip()):
        yield found[1]


def _stages(text: bytes) -> Spoken:
    for name in names(text.strip(), Format.DOCKER):
        yield name.removeprefix(b"stage ")


def _lists(text: bytes) -> Spoken:
    """Lists with a name, as the groups of requirements are."""
    found = re.match(rb"([\w.-]+)\s*=\s*\[", text)
    if found:
        yield found[1]


def _upstreams(text: bytes) -> Spoken:
    if found := _UPSTREAM.match(text.strip()):
        yield found[1]


def _resources(text: bytes) -> Spoken:
    if found := _RESOURCE.match(text):
        yield found[1]


def _in_hcl(text: bytes) -> Spoken:
    yield from _groups(_OF_RESOURCE, text.split(b"#")[0])


def _variables(text: bytes) -> Spoken:
    yield from _groups(_VARIABLE, text.strip())


def _in_css(text: bytes) -> Spoken:
    yield from _groups(_OF_CSS, text)


def _messages(text: bytes) -> Spoken:
    if found := _MESSAGE.match(text.strip()):
        yield found[1]


def _in_proto(text: bytes) -> Spoken:
    yield from _WORDS.findall(text.split(b"//")[0])


def _defined(text: bytes) -> Spoken:
    """What a program has at its margin: functions, types, constants, names that it imports."""
    yield from _groups(_DEFINED, text)
    if found := _IMPORTED.match(text):
        for part in found[1].split(b","):
            yield part.split(b" as ")[-1].strip()


def _in_code(text: bytes) -> Spoken:
    said = _STRING.sub(b"", text).split(b"//")[0]
    yield from _groups(_IDENTIFIER, said)


def _in_conf(text: bytes) -> Spoken:
    yield from _groups(_PASSED, text)


def _in_yaml(text: bytes) -> Spoken:
    if found := _ITEM_OR_VALUE.match(text.strip()):
        yield from _WORDS.findall(found[1])

    yield from _in_references(text)


def _in_references(text: bytes) -> Spoken:
    for found in _REFERENCE.findall(text):
        yield from found.split(b"/")


def _in_expressions(text: bytes) -> Spoken:
    for expression in _EXPRESSION.finditer(text):
        for found in _OF_WORKFLOW.finditer(expression[0]):
            yield from filter(None, found.groups())


def _in_stage(text: bytes) -> Spoken:
    yield from _groups(_OF_STAGE, text.strip())


def _in_ini(text: bytes) -> Spoken:
    """Other sections, as tox does: the name of one begins with its bracket."""
    yield from (b"[" + name for name in _SECTION.findall(text))


def _in_makefile(text: bytes) -> Spoken:
    if found := _RULE.match(text):
        yield from _WORDS.findall(found[1])
    yield from _groups(_IN_MAKE, text)


def _in_dockerfile(text: bytes) -> Spoken:
    yield from _groups(_STAGE, text.strip())
    yield from _in_env(text)


def _in_env(text: bytes) -> Spoken:
    yield from _groups(_IN_SHELL, text)


def _in_shell(text: bytes) -> Spoken:
    if found := _COMMAND.match(text):
        yield found[1]
    yield from _in_env(text)


def _in_sql(text: bytes) -> Spoken:
    said = text.split(b"--")[0].lower()
    yield from re.findall(rb"\w+", re.sub(rb"'[^']*'", b"", said))


def _in_toml(text: bytes) -> Spoken:
    yield from _groups(_GROUP, text)


def _groups(pattern: re.Pattern[bytes], text: bytes) -> Spoken:
    for found in pattern.finditer(text):
        yield next(part for part in found.groups() if part)


_MENTIONS: dict[Format, tuple[tuple[Declares, Speaks], ...]] = {
    Format.YAML: (
        (_mappings, _in_yaml),
        (_keys_and_ids, _in_expressions),
        (_items, _in_stage),
    ),
    Format.JSON: ((_mappings, _in_references),),
    Format.INI: ((_named(Format.INI), _in_ini),),
    Format.MAKE: ((_named(Format.MAKE), _in_makefile),),
    Format.DOCKER: ((_stages, _in_dockerfile),),
    Format.ENV: ((_named(Format.ENV), _in_env),),
    Format.SHELL: ((_named(Format.SHELL), _in_shell),),
    Format.SQL: ((_named(Format.SQL), _in_sql),),
    Format.TOML: ((_lists, _in_toml),),
    Format.CONF: ((_upstreams, _in_conf), (_resources, _in_hcl)),
    Format.CSS: ((_variables, _in_css),),
    Format.PROTO: ((_messages, _in_proto),),
    Format.CODE: ((_defined, _in_code),),
}

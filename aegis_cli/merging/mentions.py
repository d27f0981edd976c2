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
_MAPS = re.compile(rb"([\w.-]+)\s*:\s*(?:#.*)?$")
_RULE = re.compile(rb"[^\s:=#][^:=#]*::?(?!=)([^#;]*)")
_IN_MAKE = re.compile(rb"\$[({]([\w.-]+)[)}]|\$\(MAKE\)\s+([\w.-]+)")
_IN_SHELL = re.compile(rb"\$\{?(\w+)")
_STAGE = re.compile(rb"--from=([\w.-]+)|^FROM\s+([\w.-]+)(?:\s|$)", re.IGNORECASE)
_UPSTREAM = re.compile(rb"upstream\s+([\w.-]+)")
_PASSED = re.compile(rb"_pass\s+(?:\w+://)?([\w.-]+)")
_GROUP = re.compile(rb"include-group\s*=\s*[\"']([^\"']+)")
_WORDS = re.compile(rb"[\w.-]+")
_NAMES = re.compile(rb"[^\W\d]\w*|[\x80-\xff]+")
_COMMAND = re.compile(rb"\s*(?:(?:if|while|until|then|else|do|!|&&|\|\|)\s+)*([\w-]+)")

# So long names, at least: shorter ones may be anything.
_TELLING = 3

Spoken = Iterator[bytes]


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
        found |= taking | speaking if taking and speaking else set()
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
    declares, speaks = _DECLARED.get(kind), _SPOKEN.get(kind)
    if declares is None or speaks is None:
        return
    for loser, speaker in ((0, 1), (1, 0)):
        taken = {
            name for x in made[loser] for text in base[x.start : x.end] for name in declares(text)
        }
        taken = {name for name in taken if len(name) >= _TELLING}
        if not taken:
            continue
        come = Counter(name for x in made[speaker] for text in x.lines for name in speaks(text))
        come.subtract(
            name for x in made[speaker] for text in base[x.start : x.end] for name in speaks(text)
        )
        taken &= {name for name, count in come.items() if count > 0}
        kept = {name for text in sides[loser] for name in declares(text)} if taken else set()
        yields_itself = {name for x in made[speaker] for text in x.lines for name in declares(text)}
        for name in sorted(taken - kept - yields_itself):
            yield name, loser


# -- what lines declare, and what they speak of --------------------------------------------------


def _named(kind: Format) -> Callable[[bytes], Collection[bytes]]:
    def declares(text: bytes) -> Collection[bytes]:
        return names(text.strip(), kind)

    return declares


def _mappings(text: bytes) -> Spoken:
    """Keys with something below: jobs, services, volumes."""
    if found := _MAPS.match(text.strip()):
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


def _in_conf(text: bytes) -> Spoken:
    yield from _groups(_PASSED, text)


def _in_yaml(text: bytes) -> Spoken:
    if found := _ITEM_OR_VALUE.match(text.strip()):
        yield from _WORDS.findall(found[1])


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


_DECLARED: dict[Format, Callable[[bytes], Iterable[bytes]]] = {
    Format.YAML: _mappings,
    Format.MAKE: _named(Format.MAKE),
    Format.DOCKER: _stages,
    Format.ENV: _named(Format.ENV),
    Format.SHELL: _named(Format.SHELL),
    Format.SQL: _named(Format.SQL),
    Format.TOML: _lists,
    Format.CONF: _upstreams,
}
_SPOKEN: dict[Format, Callable[[bytes], Spoken]] = {
    Format.YAML: _in_yaml,
    Format.MAKE: _in_makefile,
    Format.DOCKER: _in_dockerfile,
    Format.ENV: _in_env,
    Format.SHELL: _in_shell,
    Format.SQL: _in_sql,
    Format.TOML: _in_toml,
    Format.CONF: _in_conf,
}

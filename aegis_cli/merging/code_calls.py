"""Functions of JavaScript and the like that are called otherwise on one side, and newly called on the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from aegis_cli.merging.diff3 import Change, Lines

_FUNCTION = re.compile(
    rb"\s*(?:export\s+)?(?:default\s+)?(?:(?P<async>async)\s+)?function\s*\*?\s*(?P<name>[\w$]+)"
    rb"\s*\((?P<given>.*)\)[^()]*\{\s*$"
)
_FUNC = re.compile(rb"(?P<async>)func\s+(?P<name>\w+)\((?P<given>[^()]*)\)[^{]*\{\s*$")
_ARROW = re.compile(
    rb"\s*(?:export\s+)?(?:const|let|var)\s+(?P<name>[\w$]+)\s*=\s*(?:(?P<async>async)\s+)?"
    rb"\((?P<given>.*)\)\s*(?::[^=]+)?=>"
)
_METHOD = re.compile(
    rb"\s+(?:(?:public|private|protected|static|override)\s+)*(?:(?P<async>async)\s+)?"
    rb"(?!(?:if|for|while|switch|catch|function|with)\b)(?P<name>[\w$]+)"
    rb"\s*\((?P<given>.*)\)\s*(?::[^{]+)?\{\s*$"
)
_OPEN, _CLOSED = b"([{<", b")]}>"


class _Function(NamedTuple):
    """How a function is called: whether it has to be awaited, and what it is given."""

    is_async: bool
    parameters: tuple[bytes, ...]

    @property
    def names(self) -> list[bytes]:
        """What it calls what it is given; nothing for what it takes apart."""
        return [re.split(rb"[?:=\s]", x)[0].strip() for x in self.parameters]

    @property
    def needed(self) -> int:
        """How many things it has to be given."""
        return sum(not re.search(rb"^\.\.\.|=|\?", x) for x in self.parameters)


def no_more_fitting(
    base: Lines, sides: Sequence[Lines], made: Sequence[Sequence[Change]]
) -> Iterator[tuple[bytes, int]]:
    """The functions that one side changed so that a new call of the other does not fit, each with that side (0, 1)."""
    was = _functions(base)
    for loser, (side, other) in enumerate((sides, sides[::-1])):
        now, there = _functions(side), _functions(other)
        for name in was.keys() & now.keys():
            if was[name] == now[name] or there.get(name) != was[name]:
                continue
            known = {line.strip() for line in base}
            new = [x for y in made[1 - loser] for x in y.lines if x.strip() not in known]
            if any(not _fits(x, was[name], now[name]) for line in new for x in _calls(name, line)):
                yield name.removeprefix(b"."), loser


def _functions(lines: Lines) -> dict[bytes, _Function]:
    """How functions are called, by their names; methods stand behind a dot."""
    found: dict[bytes, _Function] = {}
    for line in lines:
        for pattern in (_FUNCTION, _FUNC, _ARROW, _METHOD):
            if match := pattern.match(line):
                name = b"." + match["name"] if pattern is _METHOD else match["name"]
                found[name] = _Function(bool(match["async"]), tuple(_parts(match["given"])))
                break
    return found


def _fits(given: Sequence[bytes], was: _Function, now: _Function) -> bool:
    if was.is_async != now.is_async:
        return False
    if any(x.startswith(b"...") for x in (*given, *now.parameters)):
        return True
    pairs = zip(was.names[: len(given)], now.names, strict=False)
    if any(a != b and (a in now.names or b in was.names or b[:1] in b"{[") for a, b in pairs):
        return False  # it comes to another place, or is taken apart now
    is_too_few = len(given) < now.needed and len(given) >= was.needed
    return not is_too_few and not len(now.parameters) < len(given) <= len(was.parameters)


def _calls(name: bytes, line: bytes) -> Iterator[list[bytes]]:
    """What a function is given in a line, by each whole call that is in it."""
    front = rb"" if name.startswith(b".") else rb"(?<![\w$.])"
    for found in re.finditer(front + re.escape(name) + rb"\(", line):
        depth = 1
        for at in range(found.end(), len(line)):
            depth += (line[at] in b"([{") - (line[at] in b")]}")
            if not depth:
                yield list(_parts(line[found.end() : at]))
                break


def _parts(text: bytes) -> Iterator[bytes]:
    """What stands between commas, on the top level."""
    text = re.sub(rb"=>", b"  ", text)
    depth = start = 0
    for at, sign in enumerate(text):
        depth += (sign in _OPEN) - (sign in _CLOSED)
        if sign == ord(",") and not depth:
            yield text[start:at].strip()
            start = at + 1
    if text[start:].strip():
        yield text[start:].strip()

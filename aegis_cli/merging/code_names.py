"""What programs other than Python's define, and how they speak of it: functions, types, imports, members, keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

_DEFINED = re.compile(
    rb"(?:(?:pub|public|private|export|default|static|abstract|async)\s+)*"
    rb"(?:def|class|fn|func|function|interface|struct|enum|type|trait|module|const|let|var)\s+([\w$]+)"
)
_TAKEN_APART = re.compile(rb"\b(?:const|let|var)\s*[\[{]([^\]}=]*)[\]}]\s*=")
_NAMED = re.compile(
    rb"import\s+(?:type\s+)?(?:([\w$]+)\s*,?\s*)?(?:\{([^{}]*)\}|\*\s+as\s+([\w$]+))?\s*from\s"
)
_PACKAGE = re.compile(rb"^\s+(?:\w+\s+)?\"(?:[^\"]*/)?([\w-]+)\"$")
_GO_FIELD = re.compile(rb"\s+([A-Z]\w*)\s+[*\[\]\w.]+(?:\s+`[^`]*`)?\s*$")
_PARAMETERS = re.compile(rb"\bfunction\b[^()]*\(([^()]*)\)")
# No property, no key, and no attribute of an element.
_IDENTIFIER = re.compile(rb"(?<![\w$.])([A-Za-z_$][\w$]*)(?![\w$]|\s*:(?!:)|=(?![=>]))")
_STRING = re.compile(rb"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
_KEY_OF_OBJECT = re.compile(rb"([A-Za-z_$][\w$]*)\??\s*:\s*[^:]*[,;]$")
_MEMBER = re.compile(
    rb"\s+(?:(?:public|private|protected|static|readonly|async)\s+)*(?!(?:if|for|while|switch|catch|return|function)\b)#?([\w$]+)"
    rb"\s*(?:\([^;]*\)\s*(?::[^{]+)?\{\s*$|[?!]?\s*:[^,(]*;\s*$)|\s+this\.#?([\w$]+)\s*=(?!=)"
)
_OF_MEMBERS = re.compile(rb"\bthis\.#?([\w$]+)|(?<=[\w)])\??\.([\w$]+)\(")
_PROPERTY = re.compile(rb"(?<=[\w)\]}])\??\.([A-Za-z_$][\w$]*)(?![\w$(])")
_REQUIRED = re.compile(rb"=\s*require\(")


def defined(text: bytes) -> Iterator[bytes]:
    """Functions, types, constants, names that are imported, taken out of something, or parameters of a function."""
    yield from _groups(_DEFINED, text)
    yield from imported(text)
    yield from _groups(_PACKAGE, text.rstrip())
    for listed in _TAKEN_APART.findall(text):
        yield from (part.rpartition(b":")[2].strip() for part in listed.split(b","))
    for listed in _PARAMETERS.findall(text):
        parts = (part.strip(b" {}[]").split(b":")[0].split(b"=")[0] for part in listed.split(b","))
        yield from (part.strip(b" ?.{}[]") for part in parts)


def imported(line: bytes) -> Iterator[bytes]:
    """The names that an import of JavaScript gives."""
    if found := _NAMED.match(line):
        parts = (found[1], found[3], *(found[2] or b"").split(b","))
        yield from (part.split(b" as ")[-1].strip() for part in parts if part)


def in_code(text: bytes) -> Iterator[bytes]:
    """Names that stand for themselves."""
    said = _STRING.sub(b"", text).split(b"//")[0]
    yield from _groups(_IDENTIFIER, said)


def keys_of_objects(text: bytes) -> Iterator[bytes]:
    """Keys of objects, and fields of types."""
    yield from _groups(_KEY_OF_OBJECT, text.strip())
    if found := _GO_FIELD.match(text):
        yield found[1]


def properties(text: bytes) -> Iterator[bytes]:
    """What is read of an object."""
    yield from _groups(_PROPERTY, _STRING.sub(b"", text).split(b"//")[0])


def members(text: bytes) -> Iterator[bytes]:
    """Fields and methods of a class."""
    if found := _MEMBER.match(text):
        yield found[1] or found[2]


def of_members(text: bytes) -> Iterator[bytes]:
    """What is read of `this`, and called of any object."""
    yield from _groups(_OF_MEMBERS, _STRING.sub(b"", text).split(b"//")[0])


def required(text: bytes) -> Iterator[bytes]:
    """`require` itself: modules that are imported otherwise do not have it."""
    if _REQUIRED.search(text):
        yield b"require"


def _groups(pattern: re.Pattern[bytes], text: bytes) -> Iterator[bytes]:
    for found in pattern.finditer(text):
        yield next(part for part in found.groups() if part)

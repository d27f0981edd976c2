"""What programs other than Python's define, and how they speak of it: functions, types, imports, members, keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aegis_cli.merging.finders import Finds, either, find, find_in_code

_DEFINED = find(
    rb"(?:(?:pub|public|private|export|default|static|abstract|async)\s+)*"
    rb"(?:def|class|fn|func|function|interface|struct|enum|type|trait|module|const|let|var)\s+([\w$]+)"
)
_TAKEN_APART = re.compile(rb"\b(?:const|let|var)\s*[\[{]([^\]}=]*)[\]}]\s*=")
_NAMED = re.compile(
    rb"import\s+(?:type\s+)?(?:([\w$]+)\s*,?\s*)?(?:\{([^{}]*)\}|\*\s+as\s+([\w$]+))?\s*from\s"
)
_PACKAGE = find(rb"^\s+(?:\w+\s+)?\"(?:[^\"]*/)?([\w-]+)\"\s*$")
_PARAMETERS = re.compile(rb"\bfunction\b[^()]*\(([^()]*)\)")


def imported(line: bytes) -> Iterator[bytes]:
    """The names that an import of JavaScript gives."""
    if found := _NAMED.match(line):
        parts = (found[1], found[3], *(found[2] or b"").split(b","))
        yield from (part.split(b" as ")[-1].strip() for part in parts if part)


def _taken(text: bytes) -> Iterator[bytes]:
    """Names of what is taken out of something, and of parameters."""
    for listed in _TAKEN_APART.findall(text):
        yield from (part.rpartition(b":")[2].strip() for part in listed.split(b","))
    for listed in _PARAMETERS.findall(text):
        parts = (part.strip(b" {}[]").split(b":")[0].split(b"=")[0] for part in listed.split(b","))
        yield from (part.strip(b" ?.{}[]") for part in parts)


# Modules that are imported otherwise do not have it.
_REQUIRE = find(rb"=\s*(require)\(")

# Pairs of what declares, and of what speaks of that.
REFERENCES: tuple[tuple[Finds, Finds], ...] = (
    # what stands for itself: no property, no key, and no attribute of an element
    (
        either(_DEFINED, imported, _PACKAGE, _taken),
        find_in_code(rb"(?<![\w$.])([A-Za-z_$][\w$]*)(?![\w$]|\s*:(?!:)|=(?![=>]))"),
    ),
    # keys of objects and fields of types, and what is read of an object
    (
        either(
            find(rb"([A-Za-z_$][\w$]*)\??\s*:\s*[^:]*[,;]\s*$"),
            find(rb"^\s+([A-Z]\w*)\s+[*\[\]\w.]+(?:\s+`[^`]*`)?\s*$"),
        ),
        find_in_code(rb"(?<=[\w)\]}])\??\.([A-Za-z_$][\w$]*)(?![\w$(])"),
    ),
    # fields and methods of a class, and what is read of `this`, or called of any object
    (
        find(
            rb"^\s+(?:(?:public|private|protected|static|readonly|async)\s+)*"
            rb"(?!(?:if|for|while|switch|catch|return|function)\b)#?([\w$]+)"
            rb"\s*(?:\([^;]*\)\s*(?::[^{]+)?\{\s*$|[?!]?\s*:[^,(]*;\s*$)|^\s+this\.#?([\w$]+)\s*=(?!=)"
        ),
        find_in_code(rb"\bthis\.#?([\w$]+)|(?<=[\w)])\??\.([\w$]+)\("),
    ),
    (_REQUIRE, _REQUIRE),
)

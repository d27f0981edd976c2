"""What a line of a list of requirements declares beside a requirement: an option, and what a link is called."""

from __future__ import annotations

import re
from collections.abc import Iterator

_OPTION = re.compile(rb"(--?[a-z][\w-]*)[\s=]")
_LONG = {
    b"-i": b"--index-url",
    b"-r": b"--requirement",
    b"-c": b"--constraint",
    b"-e": b"--editable",
    b"-f": b"--find-links",
}
_EGG = re.compile(rb"#egg=([\w.-]+)")


def in_requirements(line: bytes, _: bytes) -> Iterator[bytes]:
    """An option by its long name, and what is installed from a link by its name."""
    if found := _OPTION.match(line):
        yield _LONG.get(found[1], found[1].lower())
    if found := _EGG.search(line):
        yield re.sub(rb"[-_.]+", b"-", found[1]).lower()

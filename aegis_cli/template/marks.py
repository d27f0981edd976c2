"""What authors say of a commit to those who take it: that it mends security, or that it breaks something.

They say it in trailers, as git has them: lines `Security: TEXT` and `Breaking: TEXT` in the last paragraph of the
message. `BREAKING CHANGE: TEXT`, from Conventional Commits, means the same as the latter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

SECURITY, BREAKING = "Security", "Breaking"
_KEYS = {
    "security": SECURITY, "breaking": BREAKING, "breaking-change": BREAKING, "breaking change": BREAKING,
}  # fmt: skip
_TRAILER = re.compile(r"([A-Za-z][A-Za-z-]*|BREAKING CHANGE):[ \t]+(\S.*)")
# A key that is nearer to one of ours than this is taken for a slip of the pen.
_NEAR = 0.75


@dataclass(frozen=True)
class Marks:
    """What a commit is marked as.

    Attributes:
        security: What it mends: a CVE, or words.
        breaking: What it breaks, and what to do.
    """

    security: tuple[str, ...] = ()
    breaking: tuple[str, ...] = ()


def marks(messages: Iterable[str]) -> Marks:
    """Return what commits that come together are marked as, by their messages."""
    found: dict[str, list[str]] = {SECURITY: [], BREAKING: []}
    for message in messages:
        for key, text in _trailers(message):
            if key.lower() in _KEYS:
                found[_KEYS[key.lower()]].append(text)
    return Marks(tuple(found[SECURITY]), tuple(found[BREAKING]))


def misspelt(message: str) -> list[tuple[str, str]]:
    """Return (key, what was meant) of the trailers that are nearly ours."""
    keys = (key for key, _ in _trailers(message) if key.lower() not in _KEYS)
    near = ((key, get_close_matches(key.lower(), _KEYS, n=1, cutoff=_NEAR)) for key in keys)
    return [(key, _KEYS[found[0]]) for key, found in near if found]


def body(message: str) -> str:
    """Return a message without its first line and its trailers."""
    rest = message.strip().partition("\n")[2].strip()
    before, _, last = rest.rpartition("\n\n")
    return before.strip() if list(_trailers(message)) and last else rest


def _trailers(message: str) -> Iterator[tuple[str, str]]:
    """Yield (key, text) of the last paragraph, if it is one of trailers; the first line of a message is none."""
    _, gap, last = message.strip().replace("\r\n", "\n").rpartition("\n\n")
    found: list[tuple[str, str]] = []
    for line in last.split("\n") if gap else ():
        match = _TRAILER.fullmatch(line.rstrip())
        if match:
            found.append((match[1], match[2]))
        elif found and line[:1].isspace() and line.strip():  # a long text goes on, set in
            key, text = found.pop()
            found.append((key, f"{text} {line.strip()}"))
        else:
            return
    yield from found

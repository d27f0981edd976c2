"""Addresses of servers, such as `postgresql://user:password@host/name`."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from app.core.redaction import redact

_AUTHORITY = re.compile(r"[^/?#]*")
_PASSWORD = re.compile(r"[\w+.-]+://[^/?#@:]*:([^/?#@]+)@")


class Address(str):
    """One that may hold a password: `repr` leaves it out, as logs and messages do."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(redact(str(self)))

    @classmethod
    def checked(cls, text: str) -> "Address":
        """Refuse what would be cut at the wrong place: part of a password would become a host's name."""
        if problem := problem_of_address(text):
            raise ValueError(problem)
        return cls(text)


def problem_of_address(text: str) -> str:
    """Why it cannot be taken apart; empty when it can."""
    rest = text.partition("://")[2]
    authority = _AUTHORITY.match(rest)
    if authority is None or not authority[0]:
        return ""  # A file.
    if authority[0].count("@") > 1 or "@" in rest[authority.end() :]:
        return "a name or password in it has @, /, ? or #: write %40, %2F, %3F or %23"
    return ""


def passwords_in(text: str) -> Iterator[str]:
    """The password of an address, as it is written and as it is meant."""
    if found := _PASSWORD.match(text):
        yield found[1]
        yield unquote(found[1])

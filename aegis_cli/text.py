"""Text that is shown. What comes from outside is made fit for it: visible, and it moves nothing on a terminal."""

from __future__ import annotations

import re
import shlex
import unicodedata
from pathlib import Path

_JOINERS = "\u200c\u200d"  # they belong to the spelling of some languages, and to emoji
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
# What stands before the host in an address: a name alone is no secret where it is that of an SSH user.
_CREDENTIALS = re.compile(
    r"((?:https?|git|ftps?)://)[^/\s'\"]*@|([a-z][a-z0-9+.-]*://)[^/\s'\"@]*:[^/\s'\"]*@",
    re.IGNORECASE,
)


def is_plain(text: str) -> bool:
    """Return whether a text is one line without invisible characters, so that it can be recorded and shown."""
    return text.isprintable() or not any(unicodedata.category(sign) in _HIDDEN for sign in text)


def is_unicode(text: str) -> bool:
    """Return whether a text can be written: undecodable bytes that were typed cannot."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def shown(text: str) -> str:
    """Return a text as it can be shown: control, bidirectional and invisible characters are written out.

    Line feeds stay; a tabulator becomes a space. Undecodable bytes are written out as well.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _written_out(sign) for sign in text)


def one_line(text: str) -> str:
    """Return a text that comes from outside as one line that can be shown."""
    return shown(text.replace("\n", "\\n"))


def no_folder(place: Path) -> str:
    """Say that a path is none of a folder."""
    return (
        f"{named(place)} is no folder." if place.exists() else f"There is no folder {named(place)}."
    )


def many(count: int, one: str, more: str = "") -> str:
    """Return a number of things; `more` is what several are called, if that is not `one` with an s."""
    return f"{count} {one if count == 1 else more or f'{one}s'}"


def named(thing: object) -> str:
    """Return a name or a path as it stands in a sentence: in quotes, on one line."""
    return f"'{one_line(str(thing))}'"


def quoted(word: object) -> str:
    """Return a word as it stands in a command to copy: one word for a shell, whatever is in it, on one line."""
    text = str(word)
    if text.isprintable():
        return shlex.quote(text)
    signs = (sign if sign.isprintable() and sign not in "\\'" else _as_bytes(sign) for sign in text)
    return f"$'{''.join(signs)}'"


def set_option(name: str, value: str = "VALUE") -> str:
    """Return the option that answers a question, to copy. What a template calls it is not for a shell to read."""
    return f"--set {quoted(f'{name}={value}')}"


def _as_bytes(sign: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in sign.encode("utf-8", "surrogateescape"))


def _written_out(sign: str) -> str:
    if sign == "\n" or sign in _JOINERS:
        return sign
    if sign == "\t":
        return " "
    code = ord(sign)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if unicodedata.category(sign) not in _HIDDEN:
        return sign  # a space of another width, or a sign that this Python does not know yet
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )


def without_credentials(text: str) -> str:
    """Return a text without the passwords and tokens that stand before the host in addresses."""
    return _CREDENTIALS.sub(lambda found: found[1] or found[2], text) if "://" in text else text

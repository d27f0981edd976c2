"""Bundles: many small texts rendered as one. For Jinja the work is in the number of templates, not in their length.

Only texts that cannot notice go into a bundle: those whose only Jinja is expressions, which leave nothing behind. Between
two texts stands a line that neither has.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

SIZE = 50
"""How many texts a bundle holds at most."""

_STATEFUL = (b"{%", b"{#", b"{{-", b"{{+", b"-}}", b"+}}")
_EXPRESSION = re.compile(rb"""\{\{(?:[^{}"'\n]|"[^"{}\\\n]*"|'[^'{}\\\n]*')*\}\}""")
_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f]")


def fits(content: bytes) -> bool:
    """Return whether a text with Jinja in it gives the same in a bundle as by itself."""
    if any(sign in content for sign in _STATEFUL) or _CONTROL.search(content):
        return False
    if b"{{" in _EXPRESSION.sub(b"", content):
        return False  # not a complete expression: it might be completed by the neighbour
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def packed(contents: Sequence[bytes]) -> Iterator[tuple[bytes, bytes, int]]:
    """Yield (bundle, separator, how many texts are in it)."""
    for start in range(0, len(contents), SIZE):
        texts = contents[start : start + SIZE]
        mark = hashlib.sha256(b"\0".join(texts)).hexdigest()
        separator = f"\n~~~ {mark} ~~~\n".encode()
        yield separator.join(texts), separator, len(texts)

"""Whom the project wants to show as a commit's author: `.mailmap`, read by git (gitmailmap(5)).

The file counts as the commit itself holds it. So a line that comes later changes no commit that users have already.
"""

from __future__ import annotations

import re
from functools import cache

from .git import Repository

MAILMAP = ".mailmap"
_PERSON = re.compile(rb"[^<>\n]* <[^<>\n]+>")
_AUTHOR = re.compile(rb"(" + _PERSON.pattern + rb")( \d+ [+-]\d{4,})")


class Mailmap:
    """Finds the names to show, in the mailmaps of many commits."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._shown = cache(self._look_up)

    def author(self, author: bytes, blob: str | None) -> bytes:
        """The author to show (name, address and date), by the mailmap in a blob; without one, as it is."""
        found = _AUTHOR.fullmatch(author)
        if blob is None or found is None:
            return author
        return self._shown(blob, found[1]) + found[2]

    def _look_up(self, blob: str, person: bytes) -> bytes:
        asked = ("-c", f"mailmap.blob={blob}", "check-mailmap", "--stdin")
        shown = self._repository.run(*asked, stdin=person + b"\n").rstrip(b"\n")
        # A mailmap can hold signs that no commit may have in a name (`A > B <a@b>`): that line counts for nothing.
        return shown if _PERSON.fullmatch(shown) else person

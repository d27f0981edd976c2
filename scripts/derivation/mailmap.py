"""Whom the project wants to show as a commit's author: `.mailmap`, read by git (gitmailmap(5)).

The file counts as the commit itself holds it. So a line that comes later changes no commit that users have already.
"""

from __future__ import annotations

import re
from functools import cache

from aegis_cli.git.process import Git

MAILMAP = ".mailmap"
_PERSON = re.compile(r"[^<>\n]* <[^<>\n]+>")


class Mailmap:
    """Finds the names to show, in the mailmaps of many commits."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._shown = cache(self._look_up)

    def shown(self, person: str, blob: str | None) -> str:
        """The name and address to show, by the mailmap in a blob; without one, as they are."""
        return self._shown(blob, person) if blob and _PERSON.fullmatch(person) else person

    def _look_up(self, blob: str, person: str) -> str:
        asked = ("-c", f"mailmap.blob={blob}", "check-mailmap", "--stdin")
        line = f"{person}\n".encode("utf-8", "surrogateescape")
        shown = self._git.run(*asked, stdin=line).text
        # A mailmap can hold signs that no commit may have in a name (`A > B <a@b>`): that line counts for nothing.
        return shown if _PERSON.fullmatch(shown) else person

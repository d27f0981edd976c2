"""Where one template of a project has its place in the user's repository: its state, and its vendor branch."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import quote

from aegis_cli.project.state import FOLDER


@dataclass(frozen=True)
class Track:
    """One template of one project.

    Attributes:
        prefix: Where the project lies in the repository; empty, or with `/` at its end.
    """

    prefix: str = ""

    @property
    def folder(self) -> str:
        """The folder of its state, from the project's."""
        return FOLDER

    @property
    def place(self) -> str:
        """The folder of its state, from the top of the repository."""
        return f"{self.prefix}{self.folder}"

    @property
    def vendor_ref(self) -> str:
        """Full name of its vendor branch. That is a cache, never the truth."""
        names = [os.fsencode(name) for name in self.prefix.split("/") if name]
        folder = "".join(f"{quote(name, safe='')}/" for name in names)
        return f"refs/heads/aegis/{folder.replace('.', '%2E')}vendor"

"""Where one template of a project has its place in the user's repository: its state, and its vendor branch.

A project's first template has no name. Another one that it is connected to has, and by it a folder and a branch of its
own: nothing of one template's is in the way of another's.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from aegis_cli.project.state import FOLDER
from aegis_cli.template.paths import FURTHER_FOLDER

FIRST = "main"
"""What a project's first template is called where one has to be named."""
_COMMAND = re.compile(
    r"\baegis (?:add|add-service|answers|components|diff|log|news|offer|pick|remove|remove-service|restore|services"
    r"|status|update)(?![\w-])(?! --of)"
)
"""A command that takes `--of`."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True)
class Track:
    """One template of one project.

    Attributes:
        prefix: Where the project lies in the repository; empty, or with `/` at its end.
        name: The template's name; empty for the project's first.
    """

    prefix: str = ""
    name: str = ""

    @property
    def folder(self) -> str:
        """The folder of its state, from the project's."""
        return f"{FURTHER_FOLDER}/{self.name}" if self.name else FOLDER

    @property
    def place(self) -> str:
        """The folder of its state, from the top of the repository."""
        return f"{self.prefix}{self.folder}"

    @property
    def vendor_ref(self) -> str:
        """Full name of its vendor branch. That is a cache, never the truth."""
        names = [os.fsencode(name) for name in self.prefix.split("/") if name]
        folder = "".join(f"{quote(name, safe='')}/" for name in names)
        which = f"vendor-{self.name}" if self.name else "vendor"
        return f"refs/heads/aegis/{folder.replace('.', '%2E')}{which}"

    @property
    def called(self) -> str:
        """What it is called where several have to be told apart."""
        return self.name or FIRST


def in_commands(text: str, name: str) -> str:
    """Return a text in which the commands of aegis say which of a project's templates they are about."""
    return _COMMAND.sub(rf"\g<0> --of {name}", text) if name else text


def is_template_name(text: str) -> bool:
    """Return whether a template can be called so, beside a project's first one."""
    return text != FIRST and _NAME.fullmatch(text) is not None


def names_beside_first(project: Path) -> list[str]:
    """Return what a project's templates beside its first are called, as its checkout has them."""
    names = sorted(place.parent.name for place in (project / FURTHER_FOLDER).glob("*/project.yml"))
    return [name for name in names if is_template_name(name)]

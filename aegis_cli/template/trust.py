"""Whose code may run. A template's hooks, extensions and Jinja itself can run any Python."""

from __future__ import annotations

import os
from pathlib import Path

from aegis_cli.errors import AegisError
from aegis_cli.template.source import EMBEDDED


class NotTrusted(AegisError):
    """The user has not confirmed a source yet: a template's, or a third party's component's."""

    def __init__(self, source: str, what: str) -> None:
        self.source = source
        super().__init__(
            f"{what} '{source}' can run code of its own on this machine, and is not trusted yet.",
            "Nothing was run. If you trust its authors: add --trust",
        )


def require_trust(source: str, what: str = "The template") -> None:
    """Raise NotTrusted unless the user has confirmed this source once, on this machine.

    Args:
        source: Whose code may run.
        what: What comes from there, as the beginning of a sentence.
    """
    if source != EMBEDDED and source not in _trusted():
        raise NotTrusted(source, what)


def trust(source: str) -> None:
    """Remember that the user trusts a source."""
    if source != EMBEDDED and source not in _trusted():
        path = _file()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{source}\n")


def _trusted() -> set[str]:
    try:
        return set(_file().read_text("utf-8").splitlines())
    except OSError:
        return set()


def _file() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "aegis" / "trusted-templates.txt"

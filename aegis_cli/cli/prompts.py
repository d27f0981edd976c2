"""Whether somebody is there to be asked, and asking them for trust."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TypeVar

import typer

from aegis_cli.cli.console import stop_progress
from aegis_cli.template.trust import NotTrusted
from aegis_cli.template.trusted import trust
from aegis_cli.text import shown

T = TypeVar("T")


def at_terminal() -> bool:
    """Return whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def can_draw() -> bool:
    """Return whether their terminal can move its cursor."""
    return at_terminal() and os.environ.get("TERM", "") not in ("", "dumb")


def with_trust(operation: Callable[[], T], *, ask: bool, trusted: bool = False) -> T:
    """Run an operation; each source that is not trusted yet is asked about once.

    Args:
        operation: What to run, from the start after every answer.
        ask: Somebody is there to ask.
        trusted: The user has said yes to all of them beforehand.
    """
    settled: set[str] = set()
    while True:
        try:
            return operation()
        except NotTrusted as error:
            if error.source in settled or not (trusted or (ask and _trusts(error))):
                raise
            trust(error.source)
            settled.add(error.source)


def _trusts(error: NotTrusted) -> bool:
    stop_progress()
    return typer.confirm(f"{shown(error.message)}\nDo you trust it?", err=True)

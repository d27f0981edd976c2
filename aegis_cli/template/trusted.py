"""The sources that the user trusts, as this machine remembers them: one a line, in a file that is the user's alone."""

from __future__ import annotations

import os

from aegis_cli.errors import AegisError
from aegis_cli.template.addresses import reached
from aegis_cli.template.folders import config_folder, make_private
from aegis_cli.text import named, quoted

_FILE = "trusted-templates.txt"
ANSWER = "answer "
"""What a line begins with that is about an answer with which hooks may run, and no source."""


def is_trusted(source: str) -> bool:
    """Return whether the user has said yes to a source."""
    return reached(source) in _trusted()


def count() -> int:
    """Return how many sources the user has said yes to."""
    return sum(not line.startswith(ANSWER) for line in _trusted())


def trust(source: str) -> None:
    """Remember that the user trusts a source.

    Raises:
        AegisError: It cannot be remembered.
    """
    place = reached(source)
    if place in _trusted():
        return
    path = make_private(config_folder()) / _FILE
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        os.fchmod(descriptor, 0o600)
        held = file.read()
        gap = b"" if not held or held.endswith(b"\n") else b"\n"
        file.write(gap + os.fsencode(place) + b"\n")
    if place not in _trusted():
        raise AegisError(
            f"The trust in {named(place)} could not be written down in {path}.",
            f"See what is there: ls -l {quoted(path)}",
        )


def _trusted() -> set[str]:
    try:
        content = (config_folder() / _FILE).read_bytes()
    except OSError:
        return set()
    # One a line; only a line feed ends one. Odd bytes in one line are no reason to lose the others.
    return {os.fsdecode(line.rstrip(b"\r")) for line in content.split(b"\n") if line.strip()}

"""Where aegis keeps what it remembers and what it fetched: folders that are the user's alone."""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from aegis_cli.errors import AegisError

_PRIVATE = 0o700


def config_folder() -> Path:
    """Return where settings are kept; it may not exist."""
    return _base("XDG_CONFIG_HOME", ".config") / "aegis"


def cache_folder() -> Path:
    """Return where mirrors are kept: `$AEGIS_CACHE_DIR`, or in the user's cache folder; it may not exist."""
    given = Path(os.environ.get("AEGIS_CACHE_DIR", ""))
    # A path that is not absolute would mean another place, and other mirrors, in each folder: it does not count.
    return given if given.is_absolute() else _base("XDG_CACHE_HOME", ".cache") / "aegis"


def _base(variable: str, below_home: str) -> Path:
    given = Path(os.environ.get(variable, ""))
    return given if given.is_absolute() else _home() / below_home


def _home() -> Path:
    given = Path(os.environ.get("HOME", ""))
    if given.is_absolute():
        return given
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError as error:
        raise AegisError(
            "This user has no home folder, and aegis needs a place of its own.",
            "Name one: export HOME=/path/to/a/folder",
        ) from error


@dataclass(frozen=True)
class Condition:
    """How a folder of aegis's own is.

    Attributes:
        problem: Why it cannot be used; empty where it can.
        open_to_others: Others may look into it. Whoever uses it next closes it.
    """

    problem: str = ""
    open_to_others: bool = False


def condition(folder: Path) -> Condition:
    """Look at a folder of aegis's own, or at the place where it would be made; nothing is changed."""
    try:
        found = folder.stat()
    except FileNotFoundError:
        above = next(parent for parent in folder.parents if parent.exists())
        if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
            return Condition()
        return Condition(f"it is not there, and cannot be made in {above}")
    except OSError as error:
        return Condition(f"it cannot be looked at: {error.strerror}")
    user = os.geteuid()
    if not stat.S_ISDIR(found.st_mode):
        return Condition("it is no folder")
    if user and found.st_uid not in (user, 0):
        return Condition("it belongs to another user, who could put anything into it")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return Condition("it cannot be written")
    return Condition("", found.st_uid == user and bool(stat.S_IMODE(found.st_mode) & 0o077))


def make_private(folder: Path) -> Path:
    """Make a folder, with those above it, that only the user can read; return it.

    Raises:
        AegisError: It cannot be made, or belongs to somebody else.
    """
    is_config = folder.is_relative_to(config_folder())
    variable = "XDG_CONFIG_HOME" if is_config else "AEGIS_CACHE_DIR"
    try:
        missing = [place for place in (folder, *folder.parents) if not place.exists()]
        for place in reversed(missing):
            place.mkdir(mode=_PRIVATE, exist_ok=True)
        found = folder.stat()
    except OSError as error:
        raise AegisError(
            f"The folder {folder} cannot be made: {error.strerror}.",
            f"Name a folder that can be written: export {variable}=/path/to/a/folder",
        ) from error
    user = os.geteuid()
    if user and found.st_uid not in (user, 0):
        raise AegisError(
            f"The folder {folder} belongs to another user, who could put anything into it.",
            f"Name one of your own: export {variable}=/path/to/a/folder",
        )
    if found.st_uid == user and stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(_PRIVATE)
    return folder

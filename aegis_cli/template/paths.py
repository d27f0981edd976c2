"""Which paths a template may write: only such that stay inside of the project, on every file system."""

from __future__ import annotations

import posixpath
import re

from aegis_cli.errors import UnsafePath
from aegis_cli.git.names import is_git_folder, on_any_disk
from aegis_cli.text import named

STATE_FOLDER = ".aegis"
FURTHER_FOLDER = ".aegis-templates"
STATE_FOLDERS = (STATE_FOLDER, FURTHER_FOLDER)
"""Where a project's state is: of its first template, and of others. No template writes there."""


def check_path(path: str) -> None:
    """Raise UnsafePath if a rendered path leads out of the project, into git's folder, or into our own."""
    if posixpath.isabs(path) or re.match(r"[A-Za-z]:", path) or "\\" in path:
        raise UnsafePath(path, "which is not a relative path")
    names = path.split("/")
    if ".." in names:
        raise UnsafePath(path, "which is outside of the project")
    if any(is_git_folder(name) for name in names):
        raise UnsafePath(path, "which belongs to git")
    if on_any_disk(names[0]) in STATE_FOLDERS:
        raise UnsafePath(path, "where aegis keeps the project's state")
    if "\0" in path or "\n" in path:
        raise UnsafePath(path.replace("\0", "?").replace("\n", "?"), "which is no usable file name")


def is_safe(path: str) -> bool:
    """Return whether `check_path` has nothing against a path."""
    try:
        check_path(path)
    except UnsafePath:
        return False
    return True


def check_link(path: str, target: str) -> None:
    """Raise UnsafePath if a symbolic link leads out of the project or into git's folder."""
    reached = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if posixpath.isabs(target) or reached == ".." or reached.startswith("../"):
        raise UnsafePath(path, f"a link that leads out of the project, to {named(target)}")
    if any(is_git_folder(name) for name in reached.split("/")):
        raise UnsafePath(path, f"a link into git's folder, {named(target)}")

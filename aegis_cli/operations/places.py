"""Where a project or a component can be made."""

from __future__ import annotations

from pathlib import Path

from aegis_cli.errors import AegisError, UsageError
from aegis_cli.project.state import PROJECT
from aegis_cli.template.paths import is_safe
from aegis_cli.text import is_unicode, named, no_folder, quoted


def place_of(name: str, parent: Path) -> Path:
    """Return the folder that a name means.

    Raises:
        UsageError: The name will not do.
    """
    if not parent.is_dir():
        raise UsageError(no_folder(parent), "Make it, or name another with --output-dir.")
    if name == ".":
        return parent.resolve()
    if not name.strip() or "/" in name or not (is_safe(name) and is_unicode(name)):
        raise UsageError(
            f"{named(name)} will not do as the name of a folder.",
            "Give a plain name, and the folder to make it in with --output-dir.",
        )
    return parent.resolve() / name


def require_free_place(root: Path, *, is_here: bool = False, git: bool = True) -> None:
    """Raise AegisError unless a project can be made in a folder.

    A folder that holds something is taken where the user is in it, or where it is a repository of its own.
    """
    taken = "Nothing was written."
    if (root / PROJECT).is_file():
        raise AegisError(
            f"{named(root)} is there already, a project that aegis made. {taken}",
            f"See where it stands: aegis status --project-path {quoted(root)}",
        )
    if not root.is_symlink() and (not root.exists() or (root.is_dir() and not any(root.iterdir()))):
        return
    if not root.is_symlink() and root.is_dir() and git and (is_here or (root / ".git").exists()):
        return
    if root.is_symlink() or not root.is_dir() or not git:
        raise AegisError(
            f"{named(root)} is there already, and not empty. {taken}",
            "Choose another name, or another place with --output-dir.",
        )
    raise AegisError(
        f"{named(root)} is there already, and not empty. {taken}",
        f"Choose another name; or, to start in that folder: cd {quoted(root)} && aegis init .",
    )


def free_place(name: str, parent: Path, *, git: bool = True) -> Path:
    """Return where a new folder goes.

    Raises:
        AegisError: The name will not do, or there is something already.
    """
    root = place_of(name, parent)
    require_free_place(root, is_here=name == ".", git=git)
    return root


def nearest(root: Path) -> Path:
    """Return a folder, or the one that it is to be made in."""
    return root if root.is_dir() else root.parent


def is_occupied(root: Path) -> bool:
    """Return whether a folder has to stay the folder that it is: somebody is in it, or has something in it."""
    return root.is_dir() and (any(root.iterdir()) or root == Path.cwd())

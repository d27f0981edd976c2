"""Connecting a project to another template beside its first: which name it may have, and what it may bring."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from aegis_cli.errors import RepositoryState, UsageError, listed
from aegis_cli.git.repository import Repository, require_commit
from aegis_cli.operations.opening import find_root, repository_of
from aegis_cli.project.track import FIRST, Track, is_template_name
from aegis_cli.replay.templates import brought, require_committed, tracks
from aegis_cli.text import named, quoted


def require_name(name: str) -> None:
    """Raise UsageError unless another template can be called so."""
    if not is_template_name(name):
        what = "is what a project's first template is called" if name == FIRST else "will not do"
        raise UsageError(
            f"{named(name)} {what}: the name of another one is of small letters, digits and hyphens.",
            "Nothing was written. Such as: --as ci",
        )


def project_around(folder: Path, name: str) -> Path:
    """Return the project that a folder lies in, which has no template of that name yet.

    Raises:
        NotAProject: It lies in none.
        AegisError: The name will not do, or is taken.
    """
    require_name(name)
    root = find_root(folder)
    with closing(repository_of(root)) as repository:
        require_unknown(repository, Track(repository.prefix_of(root), name))
    return root


def require_unknown(repository: Repository, track: Track) -> None:
    """Raise RepositoryState unless a project can be connected to a template at a track of its own."""
    head = require_commit(repository.head())
    require_committed(repository, head, Track(track.prefix))
    if track in tracks(repository, head, track.prefix):
        raise RepositoryState(
            f"The project has a template that is called {named(track.name)} already. Nothing was written.",
            f"Choose another name; or bring that one up to date: aegis update --of {track.name}",
        )


def require_new(repository: Repository, head: str, track: Track, tip: str) -> None:
    """Raise RepositoryState where history has a template already, as it would come: git would merge nothing of it."""
    if repository.merge_base(head, tip) == tip:
        raise RepositoryState(
            f"The project had the template {track.name} before, as it would come now, and its history says that you"
            " took it away.",
            "Nothing was written. Take that back: git revert COMMIT, of those that"
            f" git log --oneline -- {quoted(track.place)} lists",
        )


def require_own_files(
    repository: Repository, head: str, track: Track, paths: Collection[str]
) -> None:
    """Raise RepositoryState where a template brings files that another one of the project's has brought.

    Where git's attributes leave a file alone, no template changes it, and so it is in nobody's way.
    """
    others = brought(repository, head, track)
    both = [path for path in sorted(paths) if path in others]
    alone = repository.worktree.left_alone(both)
    clashes = [path for path in both if path not in alone]
    if clashes:
        raise RepositoryState(
            f"The template {track.name} brings files that another template of the project has brought:\n"
            f"{listed([f'{path} ({others[path]})' for path in clashes])}",
            "Nothing was written. To have such a file stay as it is, whatever the templates bring, put a line like\n"
            f"  {clashes[0]} aegis=keep\n"
            "  into .gitattributes, commit that, and run the same command again",
        )

"""A project's templates at a commit: which there are, and which files each of them brought."""

from __future__ import annotations

import os

from aegis_cli.errors import RepositoryState
from aegis_cli.git.objects import LINK
from aegis_cli.git.repository import Repository
from aegis_cli.project.state import FOLDER, PROJECT, is_state
from aegis_cli.project.track import Track, is_template_name
from aegis_cli.replay.tracking import find, nearest
from aegis_cli.template.paths import FURTHER_FOLDER
from aegis_cli.text import named, quoted


def require_committed(repository: Repository, head: str, track: Track) -> None:
    """Raise RepositoryState unless a commit holds the state of a project."""
    prefix = track.prefix
    tree = repository.objects.commit(head).tree
    root = repository.root / prefix
    for name in (FOLDER, PROJECT):
        entry = repository.objects.entry(tree, f"{prefix}{name}")
        if entry and entry[0] == LINK:
            target = os.fsdecode(repository.objects.blob(entry[1]))
            raise RepositoryState(
                f"{named(root / name)} is a symbolic link to {named(target)}. The state of a project is"
                " read from its commits, and git commits of a link only where it leads.",
                "If what it leads to is yours, put that in its place and commit it; the link goes with:"
                f" rm {quoted(root / name)}",
            )
    if repository.objects.entry(tree, f"{prefix}{PROJECT}"):
        return
    if repository.worktree.is_ignored(root):
        raise RepositoryState(
            f"{named(root)} has no git repository of its own, and the one around ignores it.",
            f"cd {quoted(root)} && git init && git add --all && git commit -m 'Start'",
        )
    raise RepositoryState(
        f"The project in {named(root)} is not committed: the current commit has no {prefix}{PROJECT}.",
        f"git add {quoted(root)} && git commit -m 'Start', or switch to the branch that has it",
    )


def tracks(repository: Repository, commit: str, prefix: str) -> list[Track]:
    """Return the tracks of a project's templates at a commit: the first one, then the others by their names."""
    names = filter(is_template_name, state_folders(repository, commit, prefix))
    return [Track(prefix), *(Track(prefix, name) for name in names)]


def state_folders(repository: Repository, commit: str, prefix: str) -> list[str]:
    """Return the folders in which a commit has the states of further templates, whoever called them so."""
    objects = repository.objects
    files = objects.files_at(commit, f"{prefix}{FURTHER_FOLDER}")
    return sorted({path.partition("/")[0] for path in files if "/" in path})


def brought(repository: Repository, head: str, track: Track) -> dict[str, str]:
    """Return what the project's other templates brought, by history: {path: what the template is called}.

    A template that history has lost is not among them: what it brought cannot be told from the user's own files.
    """
    found: dict[str, str] = {}
    objects = repository.objects
    for other in tracks(repository, head, track.prefix):
        vendor = None
        if other != track:
            vendor = find(repository, head, other) or nearest(repository, head, other)
        if vendor is not None:
            files = objects.files_at(vendor.commit, other.prefix)
            found |= {other.prefix + path: other.called for path in files if not is_state(path)}
    return found

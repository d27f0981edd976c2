"""A project's templates, and which files each of them brought."""

from __future__ import annotations

from aegis_cli.git.repository import Repository
from aegis_cli.project.state import is_state
from aegis_cli.project.track import Track, is_template_name
from aegis_cli.replay.tracking import find, nearest
from aegis_cli.template.paths import FURTHER_FOLDER


def tracks(repository: Repository, commit: str, prefix: str) -> list[Track]:
    """Return the tracks of a project's templates at a commit: the first one, then the others by their names."""
    names = filter(is_template_name, further(repository, commit, prefix))
    return [Track(prefix), *(Track(prefix, name) for name in names)]


def further(repository: Repository, commit: str, prefix: str) -> list[str]:
    """Return the folders in which a commit has the states of further templates, whoever called them so."""
    objects = repository.objects
    files = objects.files(objects.commit(commit).tree, f"{prefix}{FURTHER_FOLDER}")
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
            tree = objects.commit(vendor.commit).tree
            files = objects.files(tree, other.prefix.rstrip("/"))
            found |= {other.prefix + path: other.called for path in files if not is_state(path)}
    return found

"""Joining a project to its template's history: one commit, in which only `.aegis/` is new."""

from __future__ import annotations

import os

from aegis_cli.errors import AegisError, RepositoryState, listed
from aegis_cli.git import commits
from aegis_cli.git.linked_trees import is_checked_out
from aegis_cli.git.objects import Entry
from aegis_cli.git.repository import Repository
from aegis_cli.interruption import saying
from aegis_cli.project import journal
from aegis_cli.project.checks import Place, check_ready, require_unmoved
from aegis_cli.project.merge import Moves, move_refs
from aegis_cli.project.track import Track


def entries_of(repository: Repository, vendor: str, track: Track) -> dict[str, Entry]:
    """Return the state's files that a vendor commit holds: {path: entry}."""
    folder = track.place
    files = repository.objects.files_at(vendor, folder)
    return {f"{folder}/{path}": entry for path, entry in files.items()}


def check_free(repository: Repository, track: Track) -> None:
    """Raise RepositoryState where something is in the place of the state's files, tracked or not."""
    place = repository.root / track.place
    below = place.rglob("*") if journal.is_folder(place) else [place]
    found = [p.relative_to(repository.root).as_posix() for p in below if not journal.is_folder(p)]
    if os.path.lexists(place) and found:
        raise RepositoryState(
            "This is where aegis keeps what it knows of a project, and something else is there:"
            f"\n{listed(sorted(found))}",
            "Nothing was changed. Move it elsewhere, then run the same command again.",
        )


def join(repository: Repository, vendor: str, *, track: Track, seen: Place, message: str) -> str:
    """Commit a merge of HEAD with a vendor commit that has HEAD's own files, and the state.

    Args:
        repository: The user's repository.
        vendor: The vendor commit that HEAD is from.
        track: Where the template is to have its place in there.
        seen: Where the user was when all of this was planned.
        message: The commit's message.

    Returns:
        The commit's id.

    Raises:
        AegisError: Something has moved, or is in the way. Nothing was changed.
    """
    assert seen.head is not None  # noqa: S101  (asked before)
    entries = entries_of(repository, vendor, track)
    commit = commits.joined(repository, seen.head, vendor, entries, message)
    require_unmoved(repository, seen, "Nothing was changed. Run the same command again.")
    check_ready(repository)
    check_free(repository, track)
    vendor_ref = track.vendor_ref
    cache: Moves = {vendor_ref: (vendor, repository.ref(vendor_ref))}
    if is_checked_out(repository, vendor_ref):
        cache = {}
    after = {path: (entry[1],) for path, entry in entries.items()}
    refs = (seen.branch or "HEAD", vendor_ref)
    with saying(lambda: journal.words(repository, seen.head)):
        journal.write(
            repository, journal.Journal(seen.head, vendor, refs, dict.fromkeys(entries), after)
        )
        try:
            repository.worktree.set_files(entries)
            move_refs(repository, {"HEAD": (commit, seen.head)}, cache, "aegis adopt")
        except (AegisError, OSError):
            journal.undo(repository, at_once=True)
            raise
        journal.clear(repository)
    return commit

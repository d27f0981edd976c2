"""Tracking: which vendor commit HEAD was built from, and building it again where history lost it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aegis_cli.errors import AegisError
from aegis_cli.git import log
from aegis_cli.git.commits import commit_tree
from aegis_cli.git.objects import EXECUTABLE, REGULAR, Commit
from aegis_cli.git.repository import Repository
from aegis_cli.model import ProjectState, Vendor
from aegis_cli.project import state as state_files
from aegis_cli.project.track import Track
from aegis_cli.replay.trailers import (
    IDENTITY,
    TEMPLATE_COMMIT,
    TEMPLATE_NAME,
    first_trailer,
    is_vendor,
)

if TYPE_CHECKING:
    from aegis_cli.replay.replayer import Replayer

# So many vendor commits are looked at for one with a state: more only where these are all another template's.
_MOST = (50, 5_000)


@dataclass(frozen=True)
class Anchor:
    """Where an operation starts from.

    Attributes:
        vendor: The vendor commit of HEAD's state.
        head: The commit to merge into: HEAD, or a merge of HEAD with the vendor commit that history had lost,
            with HEAD's own tree. Its ref has not moved yet.
    """

    vendor: Vendor
    head: str


def read_state(repository: Repository, commit: str, track: Track) -> ProjectState:
    """Return the state that a commit of the user's holds.

    Raises:
        NotAProject: It has none.
        RepositoryState: It cannot be read.
    """
    objects = repository.objects
    files = objects.files_at(commit, track.place)
    held = {
        f"{track.folder}/{path}": oid
        for path, (mode, oid) in files.items()
        if mode in (REGULAR, EXECUTABLE)
    }

    def read(path: str) -> bytes | None:
        return objects.blob(held[path]) if path in held else None

    return state_files.load(read, held, track.folder)


def find(repository: Repository, head: str, track: Track) -> Vendor | None:
    """Return the vendor commit that HEAD's state comes from, or None where history does not hold it.

    It is the commit that last changed `.aegis/`: git's own simplification of history leads to it through merges.
    """
    last = log.last_change(repository, track.place, head)
    if last and is_vendor(repository.objects.commit(last)):
        try:
            found = Vendor(last, read_state(repository, last, track))
        except AegisError:
            return None
    else:
        # An anchor has the state from both of its parents; the simplification follows the one that is not ours.
        newest = nearest(repository, head, track)
        if newest is None:
            return None
        found = newest
    same = _state_tree(repository, found.commit, track) == _state_tree(repository, head, track)
    return found if same else None


def _state_tree(repository: Repository, commit: str, track: Track) -> tuple[str, str] | None:
    tree = repository.objects.commit(commit).tree
    return repository.objects.entry(tree, track.place)


def picked(repository: Repository, vendor: str, head: str, track: Track) -> list[Commit]:
    """Return the user's own commits since a vendor commit that hold commits of a template singly, newest first."""
    commits = log.saying(repository, f"{TEMPLATE_COMMIT}: ", head, vendor)
    return [
        commit
        for commit in commits
        if not is_vendor(commit) and first_trailer(commit, TEMPLATE_NAME) == track.name
    ]


def nearest(repository: Repository, head: str, track: Track) -> Vendor | None:
    """Return the newest vendor commit with a state among HEAD's ancestors, whatever state HEAD itself has."""
    for most in _MOST:
        found = log.committed(repository, IDENTITY, f"{TEMPLATE_COMMIT}: ", head, most)
        for commit in found:
            if is_vendor(commit) and _state_tree(repository, commit.id, track) is not None:
                try:
                    return Vendor(commit.id, read_state(repository, commit.id, track))
                except (
                    AegisError
                ):  # a state that somebody made by hand, or that another aegis wrote
                    continue
        if len(found) < most:
            break
    return None


def anchor(repository: Repository, replayer: Replayer, head: str, track: Track) -> Anchor:
    """Return where an operation on HEAD starts from; what history lost is rebuilt, as objects only.

    After a squash merge or a rebase the replay from the nearest vendor commit gives the lost one again, with its id.
    After a revert it gives one that takes the template back, so that the update can come again.
    """
    found = find(repository, head, track)
    if found is not None:
        return Anchor(found, head)
    state = read_state(repository, head, track)
    base = nearest(repository, head, track)
    tree = repository.objects.commit(head).tree
    files = repository.objects.files(tree, track.prefix.rstrip("/"))
    if base is not None and base.state == state:
        return Anchor(base, head)  # only the files' wording was changed
    vendor = Vendor(replayer.replay(base, state, reference=files).tip, state)
    message = f"Anchor the project to template {state.release}\n\nNo file changes; history had lost the template.\n"
    return Anchor(vendor, commit_tree(repository, tree, [head, vendor.commit], message))

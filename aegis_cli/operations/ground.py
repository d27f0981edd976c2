"""Opening a project that is not connected to a template yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aegis_cli.errors import NotAProject, RepositoryState, listed
from aegis_cli.git.objects import EXECUTABLE, REGULAR, Files
from aegis_cli.git.repository import Repository, require_commit
from aegis_cli.operations.connecting import require_unknown
from aegis_cli.operations.opening import find_root, repository_of
from aegis_cli.project import journal, other_tools
from aegis_cli.project.at_hand import at_hand
from aegis_cli.project.checks import Place, check_ready
from aegis_cli.project.join import check_free
from aegis_cli.project.state import PROJECT
from aegis_cli.project.track import Track
from aegis_cli.text import named, no_folder, quoted


@dataclass(frozen=True)
class Ground:
    """A project that is not connected yet, at HEAD.

    Attributes:
        repository: The repository that holds it.
        track: Where its template is to have its place in there.
        place: Where the user is.
        files: Its files, as HEAD has them.
        notes: What was undone first.
    """

    repository: Repository
    track: Track
    place: Place
    files: Files
    notes: tuple[str, ...]

    @property
    def prefix(self) -> str:
        """Where it lies in the repository; empty, or with `/` at its end."""
        return self.track.prefix

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.repository.root / self.prefix

    @property
    def head(self) -> str:
        """HEAD's commit."""
        return require_commit(self.place.head)

    def read(self, path: str) -> bytes | None:
        """Return the content of one of its files; None where there is none."""
        mode, oid = self.files.get(path, ("", ""))
        return self.repository.objects.blob(oid) if mode in (REGULAR, EXECUTABLE) else None


@contextmanager
def open_ground(folder: Path, *, write: bool, name: str = "") -> Iterator[Ground]:
    """Open a project that is not ours yet, after undoing what a killed run left there.

    With a name it is ours, and not connected to a template that is called so.
    """
    if not folder.is_dir():
        raise NotAProject(no_folder(folder), "Name the project: --project-path PATH")
    with at_hand(repository_of(folder.resolve()), write=write) as hand:
        repository = hand.repository
        check_ready(repository, None if write else journal.look(repository))
        seen = Place.of(repository)
        head = require_commit(seen.head)
        prefix = (
            repository.prefix_of(find_root(folder)) if name else _prefix(repository, head, folder)
        )
        track = Track(prefix, name)
        files = repository.objects.files_at(head, prefix)
        _require_ours_to_take(repository, track, files, journal.is_pending(repository))
        yield Ground(repository, track, seen, files, hand.notes)


def _prefix(repository: Repository, head: str, folder: Path) -> str:
    """Return where the project lies: where a tool has left something, the given folder or above it; else the folder."""
    prefix = given = repository.prefix_of(folder)
    tree = repository.objects.commit(head).tree
    while True:
        if any(repository.objects.entry(tree, f"{prefix}{name}") for name in other_tools.FILES):
            return prefix
        if not prefix:
            return given
        prefix = prefix.rstrip("/").rpartition("/")[0]
        prefix = f"{prefix}/" if prefix else ""


def _require_ours_to_take(
    repository: Repository, track: Track, files: Files, half_done: bool
) -> None:
    prefix = track.prefix
    root = repository.root / prefix
    if track.name:
        require_unknown(repository, track)
    elif PROJECT in files:
        raise RepositoryState(
            f"{named(root)} has its template already: it is a project that aegis made, or has adopted.",
            "See where it stands: aegis status. If the template has moved: aegis update --template NEW_PLACE",
        )
    if not half_done:  # else the run undoes it first
        check_free(repository, track)
    changed = sorted(path for path in repository.status().changed if path.startswith(prefix))
    if changed:
        raise RepositoryState(
            f"These files have changes that are not committed:\n{listed(changed)}",
            "Nothing was changed. Commit them first, or put them aside: git stash",
        )
    if not files:
        raise RepositoryState(
            f"Nothing in {named(root)} is committed, so there is nothing to compare with a template.",
            f"git add {quoted(root)} && git commit -m 'Start'",
        )

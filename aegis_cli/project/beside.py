"""A branch that is made beside the user's checkout, in a linked work tree below the git directory.

A note says that the work tree is ours. It is written before the work tree is made, and belongs to whoever holds the
repository's lock: what a killed run left, the next one tidies. What waits for the user is theirs; the note goes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from aegis_cli.errors import AegisError, GitFailed, RepositoryState, UsageError
from aegis_cli.git import at_work, linked_trees
from aegis_cli.git.names import is_branch
from aegis_cli.git.repository import Repository
from aegis_cli.project import journal
from aegis_cli.text import named, quoted

_FOLDER = "branches"


@dataclass(frozen=True)
class Note:
    """A work tree of ours: its folder, the full name of the branch that it is for, and the commit that it began at."""

    folder: str
    ref: str
    base: str


def check_branch(repository: Repository, name: str, vendor_ref: str) -> str:
    """Return the full name of a branch that is to be made.

    Raises:
        AegisError: It cannot be.
    """
    ref = f"refs/heads/{name}"
    another = "Nothing was changed. Choose another name: --branch NAME"
    if not is_branch(name) or name.startswith("refs/"):  # nor could git tell that from a full name
        raise UsageError(f"{named(name)} cannot be the name of a branch.", another)
    if ref == vendor_ref:
        raise RepositoryState(f"The branch {named(name)} is the template's own.", another)
    for place in linked_trees.trees_on(repository, ref):
        raise RepositoryState(
            f"The branch {named(name)} is there already, in use in {named(place)}.", another
        )
    if repository.ref(ref):
        raise RepositoryState(
            f"There is a branch {named(name)} already.",
            # Never by force: it may be all that there is of somebody's work.
            f"{another}, or be rid of it, if it is merged: git branch -d {quoted(name)}",
        )
    return ref


@contextmanager
def linked(repository: Repository, ref: str, base: str, lock: int) -> Iterator[Repository]:
    """Make a branch at a commit, and open it in a linked work tree for the time of a `with` block.

    Afterwards the branch is there if it has moved, and the work tree if something waits in it for the user.

    Args:
        repository: The user's repository.
        ref: Full name of the branch; it does not exist yet.
        base: The commit.
        lock: Descriptor of the repository's lock.

    Raises:
        AegisError: git would not. Nothing was changed.
    """
    try:
        with closing(_begin(repository, ref, base, lock)) as tree:
            yield tree
    finally:
        _settle(repository)


def is_pending(repository: Repository) -> bool:
    """Return whether a run that was killed has left a branch half made. Asked where no aegis is at work."""
    return _file(repository).exists()


def tidy(repository: Repository) -> Path | None:
    """Keep what stands of what a killed run has begun, and remove the rest; return a work tree that waits for the user.

    Asked by whoever holds the repository's lock.
    """
    note = _read(repository)
    if note is not None and not at_work.is_anyone((repository.root, repository.common_dir)):
        begun = _file(repository).stat().st_mtime
        for name in ("packed-refs", note.ref):
            lock = repository.common_dir / f"{name}.lock"
            if lock.exists() and lock.stat().st_mtime >= begun:
                lock.unlink()
    return _settle(repository)


def _settle(repository: Repository) -> Path | None:
    note = _read(repository)
    if note is None:
        return None
    folder = Path(note.folder)
    waits, half_done, is_on_it = _look(folder, note.ref)
    if waits:
        _file(repository).unlink()
        return folder
    if is_on_it and (half_done or repository.ref(note.ref) == note.base):
        repository.move_refs({note.ref: (None, repository.ref(note.ref))}, "aegis: undone")
    if not folder.exists() or (folder / ".git").is_file() or not any(folder.iterdir()):
        linked_trees.remove(repository, folder)  # else somebody has put another folder there
    _file(repository).unlink()
    return None


def _begin(repository: Repository, ref: str, base: str, lock: int) -> Repository:
    folder = _free_folder(repository, ref)
    _write(repository, Note(str(folder), ref, base))
    try:
        linked_trees.add(repository, folder, base, lock=lock)
        tree = Repository(folder)
        # The name comes first: a branch that this work tree is not on is none of ours.
        linked_trees.begin_branch(tree, ref, base)
    except GitFailed as error:
        raise AegisError(
            f"git could not make the branch '{ref.removeprefix('refs/heads/')}': {error.stderr.strip()}",
            "Nothing was changed. Put right what git says, or choose another name: --branch NAME",
        ) from error
    return tree


def _free_folder(repository: Repository, ref: str) -> Path:
    parent = repository.common_dir / "aegis" / _FOLDER
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = ref.removeprefix("refs/heads/").replace("/", "-")
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(place for place in (parent / name for name in names) if not place.exists())


def _look(folder: Path, ref: str) -> tuple[bool, bool, bool]:
    """Return whether a merge waits in a work tree, whether one is half written, and whether it is on its branch."""
    # Without that file, git would take the repository around for the one of this folder.
    if not (folder / ".git").is_file():
        return False, False, False
    with suppress(GitFailed), closing(Repository(folder)) as tree:
        half_done = journal.is_pending(tree)
        waits = not half_done and tree.under_way() is not None
        return waits, half_done, tree.branch() == ref
    return False, False, False


def _file(repository: Repository) -> Path:
    return repository.common_dir / "aegis" / "branch.json"


def _write(repository: Repository, note: Note) -> None:
    fresh = _file(repository).with_suffix(".new")
    fresh.write_text(json.dumps(asdict(note)), encoding="utf-8", errors="surrogateescape")
    fresh.replace(_file(repository))


def _read(repository: Repository) -> Note | None:
    """Return the note, or None where there is none that is ours: it names a folder that is to be removed."""
    try:
        held = json.loads(_file(repository).read_bytes().decode("utf-8", "surrogateescape"))
        note = Note(str(held["folder"]), str(held["ref"]), str(held["base"]))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError, KeyError, TypeError):
        note = Note("", "", "")
    is_ours = Path(note.folder).parent == repository.common_dir / "aegis" / _FOLDER
    if not (is_ours and note.ref.startswith("refs/heads/") and is_branch(note.ref[11:])):
        _file(repository).unlink()
        return None
    return note

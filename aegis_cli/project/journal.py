"""The journal: what a merge is about to write, so that the next run can undo what a killed one left half done.

Only the files of that merge are ever touched, and only where they hold what the merge wrote or found.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from aegis_cli.errors import RepositoryState, listed
from aegis_cli.git.objects import Entry, blob_id
from aegis_cli.git.repository import Repository

_MERGE_FILES = ("MERGE_HEAD", "MERGE_MSG", "MERGE_MODE", "AUTO_MERGE")
_PAGE = 4096
_MARKER = re.compile(rb"^(<{7}|\|{7}|>{7}) [^\r\n]*", re.MULTILINE)


@dataclass(frozen=True)
class Journal:
    """A merge that is about to run.

    Attributes:
        head: HEAD's commit, the one to merge into.
        theirs: The commit to merge.
        refs: Full names of the refs that move.
        before: {path: HEAD's entry, or None}.
        after: {path: ids of the contents that the merge may write}.
    """

    head: str
    theirs: str
    refs: tuple[str, ...]
    before: Mapping[str, Entry | None]
    after: Mapping[str, tuple[str, ...]]


def _file(repository: Repository) -> Path:
    return repository.git_dir / "aegis" / "journal.json"


def write(repository: Repository, journal: Journal) -> None:
    """Write the journal, whole or not at all."""
    path = _file(repository)
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8", errors="surrogateescape") as file:
        json.dump(asdict(journal), file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def clear(repository: Repository) -> None:
    """Say that the merge is over, one way or the other."""
    _file(repository).unlink(missing_ok=True)


def is_pending(repository: Repository) -> bool:
    """Return whether a killed run left a merge half done."""
    return _file(repository).exists()


def undo(repository: Repository, *, at_once: bool = False) -> bool:
    """Undo what a killed merge left half done; return whether there was anything.

    Args:
        repository: The user's repository.
        at_once: The merge has ended just now, so that nobody can have changed its files since.

    Raises:
        RepositoryState: The user has changed files of that merge since. Nothing was touched.
    """
    path = _file(repository)
    try:
        data = json.loads(path.read_text("utf-8", "surrogateescape"))
    except FileNotFoundError:
        return False
    journal = Journal(
        data["head"], data["theirs"], tuple(data["refs"]),
        {p: tuple(e) if e else None for p, e in data["before"].items()},
        {p: tuple(ids) for p, ids in data["after"].items()},
    )  # fmt: skip
    _remove_locks(repository, journal, newer_than=path.stat().st_mtime)
    if _tree(repository, repository.head()) == _tree(repository, journal.head):
        _restore(repository, journal, at_once=at_once)
    forget_merge(repository, journal.theirs)
    clear(repository)
    return True


def _tree(repository: Repository, commit: str | None) -> str | None:
    """Return a commit's tree. Once HEAD has another one, the merge was committed (or the user has gone on)."""
    return repository.objects.commit(commit).tree if commit else None


def _remove_locks(repository: Repository, journal: Journal, newer_than: float) -> None:
    """Remove lock files that git left behind. Our own lock says that no git of ours runs any more."""
    places = [repository.git_dir / name for name in ("index", "HEAD", "ORIG_HEAD", "AUTO_MERGE")]
    places += [repository.common_dir / ref for ref in (*journal.refs, "packed-refs")]
    for place in places:
        lock = place.with_name(f"{place.name}.lock")
        with suppress(FileNotFoundError):
            if lock.stat().st_mtime >= newer_than:
                lock.unlink()


def forget_merge(repository: Repository, theirs: str) -> None:
    """Take away what says that a merge of `theirs` waits; another one is left alone."""
    head = repository.git_dir / "MERGE_HEAD"
    if head.exists() and head.read_text().split() != [theirs]:
        return
    for name in _MERGE_FILES:
        (repository.git_dir / name).unlink(missing_ok=True)


def _restore(repository: Repository, journal: Journal, *, at_once: bool) -> None:
    wrong = [
        path for path, before in journal.before.items()
        if not _is_ours(repository, path, before, journal.after.get(path, ()), at_once=at_once)
    ]  # fmt: skip
    wrong += _in_other_shape(repository.root, journal.before)
    if wrong:
        raise RepositoryState(
            "An aegis that was killed left a merge half done, and these files have been changed"
            f" since:\n{listed(sorted(set(wrong)))}",
            "Nothing was touched. Move your changes of these files elsewhere,"
            " then run the same command again.",
        )
    repository.unstage(journal.before)
    for path, before in journal.before.items():
        if before is None:
            with suppress(FileNotFoundError, NotADirectoryError):
                (repository.root / path).unlink()
                repository.remove_empty_folders(path)
    repository.checkout_from_index([p for p, entry in journal.before.items() if entry])


def _in_other_shape(root: Path, paths: Mapping[str, Entry | None]) -> list[str]:
    """Return where the user has put a folder for a file of the merge, or a file or link for one of its folders."""
    found = []
    for path in paths:
        place = root / path
        if place.is_dir() and not place.is_symlink():
            below = (p for p in place.rglob("*") if p.is_symlink() or not p.is_dir())
            found += [p for p in (x.relative_to(root).as_posix() for x in below) if p not in paths]
        for parent in place.relative_to(root).parents[:-1]:
            other = (root / parent).is_symlink() or (root / parent).is_file()
            if other and parent.as_posix() not in paths:
                found.append(parent.as_posix())
    return found


def _is_ours(
    repository: Repository,
    path: str,
    before: Entry | None,
    after: tuple[str, ...],
    *,
    at_once: bool,
) -> bool:
    """Return whether a file holds what was there before, what the merge writes, or the beginning of it."""
    content = _content(repository.root / path)
    if content is None:
        return True
    known = [repository.objects.blob(oid) for oid in (*([before[1]] if before else []), *after)]
    plain = _plain(content)
    texts = [_plain(candidate) for candidate in known]
    # A write that was killed ends with a page. Anything else that is shorter was cut by the user.
    cut = at_once or len(content) % _PAGE == 0
    begun = cut and any(text.startswith(plain) for text in texts)
    if plain in texts or begun:
        return True
    length = len(repository.null_id)
    return repository.blob_of(path, content) in {blob_id(candidate, length) for candidate in known}


def _content(path: Path) -> bytes | None:
    try:
        return os.fsencode(os.readlink(path)) if path.is_symlink() else path.read_bytes()  # noqa: PTH115
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _plain(content: bytes) -> bytes:
    """Drop what may differ in the work tree: line endings, and the labels of conflict markers."""
    return _MARKER.sub(rb"\1", content.replace(b"\r\n", b"\n"))

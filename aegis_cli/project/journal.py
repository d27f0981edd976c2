"""The journal: what a merge is about to write, so that the next run can undo what a killed one left half done.

Only the files of that merge are ever touched, and only where they hold what the merge wrote or found. What the user did
to them since is theirs: an edit makes the next run refuse, a file that they deleted or emptied stays deleted or empty.

git removes a file before it writes it anew, so that one that is missing may be git's doing. It goes through the files
in order: git's can only be the one at which it was when it was killed, with all before it written and none behind it.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import Enum, auto
from pathlib import Path

from aegis_cli.errors import RepositoryState, listed
from aegis_cli.git.objects import Entry
from aegis_cli.git.repository import Repository
from aegis_cli.project import left_locks

_MERGE_FILES = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "MERGE_MSG", "MERGE_MODE", "AUTO_MERGE")
_PAGE = 4096
_MARKER = re.compile(rb"^(<{7}|\|{7}|>{7}) [^\r\n]*", re.MULTILINE)
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MODES = ("100644", "100755", "120000", "160000")

_HALF_DONE = (
    "A merge is half written. The next aegis command that changes this project undoes it first."
)


@dataclass(frozen=True)
class Journal:
    """A merge, or a cherry-pick, that is about to run.

    Attributes:
        head: HEAD's commit, the one to merge into; empty where the repository has none yet.
        theirs: The commit to merge or to pick.
        refs: Full names of the refs that move.
        before: {path: HEAD's entry, or None}.
        after: {path: ids of the contents that may be written; an empty one where the file may go}.
    """

    head: str
    theirs: str
    refs: tuple[str, ...]
    before: Mapping[str, Entry | None]
    after: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class HalfDone:
    """What a killed run left, and what is to be done about it.

    Attributes:
        journal: What it was about to do.
        restore: The files to put back, with what HEAD has of them.
        put_back: Those among them that are missing or empty, because git was at them, or because the user did that.
        cut: Those that are missing or not whole.
    """

    journal: Journal
    restore: Mapping[str, Entry | None]
    put_back: tuple[str, ...]
    cut: tuple[str, ...] = ()

    @property
    def paths(self) -> frozenset[str]:
        """The files that are to be put back."""
        return frozenset(self.restore)

    def is_under_way(self, repository: Repository) -> bool:
        """Return whether what is under way in the repository is what the killed run had begun."""
        return is_begun(repository, self.journal.theirs)


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


def words(
    repository: Repository, head: str | None, otherwise: str = "Nothing was changed."
) -> tuple[str, str | None]:
    """Return what to say of a run that is interrupted now: (what state things are in, the next command).

    Args:
        repository: The user's repository.
        head: What HEAD was before; None where it does not matter.
        otherwise: What to say where no merge was begun.
    """
    with suppress(FileNotFoundError):
        journal = _parsed(_file(repository).read_bytes())
        if journal and _tree(repository, repository.head()) != _tree(repository, journal.head):
            return "The merge stands.", None
        return _HALF_DONE, "Run the same command again, or look: git status"
    if (repository.git_dir / "MERGE_HEAD").exists():
        return "The merge waits in the repository.", "git status"
    if head is not None and repository.head() != head:
        return "The merge stands.", None
    return otherwise, None


def look(repository: Repository, *, at_once: bool = False) -> HalfDone | None:
    """Return what a killed run left half done; nothing is changed.

    Args:
        repository: The user's repository.
        at_once: The merge has ended just now, so that nobody can have changed its files since.

    Raises:
        RepositoryState: The user has changed files of that merge since, or another git is at work.
    """
    path = _file(repository)
    try:
        journal = _parsed(path.read_bytes())
    except FileNotFoundError:
        return None
    if journal is None or (journal.head and not repository.objects.exists(journal.head)):
        return None
    left_locks.left(repository, journal.refs, path.stat().st_mtime)
    if _tree(repository, repository.head()) != _tree(repository, journal.head):
        return HalfDone(journal, {}, ())
    return _half_done(repository, journal, at_once=at_once)


def undo(repository: Repository, *, at_once: bool = False) -> tuple[str, ...]:
    """Undo what a killed merge left half done; return what the user should know of it.

    Raises:
        RepositoryState: The user has changed files of that merge since. Nothing was touched.
    """
    path = _file(repository)
    if not path.exists():
        return ()
    found = look(repository, at_once=at_once)
    if found is None:
        # Nobody knows any more what was to be written: git tells what differs, and the checks that follow hold.
        path.replace(path.with_suffix(".unreadable"))
        return ("A run was killed, and what it had noted cannot be read: look at `git status`.",)
    begun = path.stat().st_mtime
    for lock in left_locks.left(repository, found.journal.refs, begun):
        lock.unlink(missing_ok=True)
    if found.restore:
        repository.worktree.unstage(found.restore)
        # By these we tell where git was, as long as the others are as it left them: an undo that does not come to its
        # end can then be told from what the user does.
        first = {path: found.restore[path] for path in found.cut}
        rest = {path: found.restore[path] for path in found.restore.keys() - first.keys()}
        for entries in (first, rest):
            repository.worktree.write_files(entries)
        repository.worktree.refresh_index()
    forget_merge(repository, found.journal.theirs)
    clear(repository)
    notes = ["A merge that was stopped half-way has been undone first."]
    if found.put_back and not at_once:
        notes.append(
            f"This was missing or empty, and has been put back; if that was you, do it again:\n{listed(found.put_back)}"
        )
    return tuple(notes)


def _parsed(data: bytes) -> Journal | None:
    """Return the journal that a file holds, or None: cut by a crash of the system, or not ours."""
    try:
        held = json.loads(data.decode("utf-8", "surrogateescape"))
        journal = Journal(
            held["head"], held["theirs"], tuple(held["refs"]),
            {path: tuple(entry) if entry else None for path, entry in held["before"].items()},
            {path: tuple(ids) for path, ids in held["after"].items()},
        )  # fmt: skip
        sound = (
            all(_ID.fullmatch(oid) for oid in (journal.head or journal.theirs, journal.theirs))
            and all(ref == "HEAD" or ref.startswith("refs/") for ref in journal.refs)
            and all(_is_plain(ref) for ref in journal.refs)
            and all(_is_plain(path) for path in (*journal.before, *journal.after))
            and all(e is None or _is_entry(e) for e in journal.before.values())
            and all(not oid or _ID.fullmatch(oid) for ids in journal.after.values() for oid in ids)
        )
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return None
    return journal if sound else None


def _is_plain(path: str) -> bool:
    return not path.startswith("/") and not {"", ".", "..", ".git"} & set(path.split("/"))


def _is_entry(entry: tuple[str, ...]) -> bool:
    return len(entry) == 2 and entry[0] in _MODES and bool(_ID.fullmatch(entry[1]))


def _tree(repository: Repository, commit: str | None) -> str | None:
    """Return a commit's tree. Once HEAD has another one, the merge was committed (or the user has gone on)."""
    return repository.objects.commit(commit).tree if commit else None


def _began(repository: Repository, theirs: str) -> bool | None:
    """Return whether the merge or pick under way is that of `theirs`; None where there is none."""
    heads = [repository.git_dir / name for name in ("MERGE_HEAD", "CHERRY_PICK_HEAD")]
    held = [head.read_text().split() for head in heads if head.exists()]
    return all(each == [theirs] for each in held) if held else None


def is_begun(repository: Repository, theirs: str) -> bool:
    """Return whether the merge or pick that is under way is that of `theirs`."""
    return _began(repository, theirs) is True


def forget_merge(repository: Repository, theirs: str) -> None:
    """Take away what says that a merge or pick of `theirs` waits; another one is left alone."""
    if _began(repository, theirs) is False:
        return
    for name in _MERGE_FILES:
        (repository.git_dir / name).unlink(missing_ok=True)


# What became of the files


class _State(Enum):
    """What a file holds: what was there before, what the merge writes, both, or the beginning of that."""

    BEFORE = auto()
    AFTER = auto()
    SAME = auto()
    ABSENT = auto()
    EMPTY = auto()
    BEGUN = auto()
    OTHER = auto()


def _half_done(repository: Repository, journal: Journal, *, at_once: bool) -> HalfDone:
    states = {path: _state(repository, path, journal) for path in journal.before}
    if at_once and not _has_begun(journal, states):
        return HalfDone(journal, {}, ())  # git refused before it wrote anything
    at = None if at_once else _where_git_was(journal, states)
    wrong = [path for path, state in states.items() if state is _State.OTHER]
    if not at_once:
        begun = [path for path, state in states.items() if state is _State.BEGUN]
        wrong += [path for path in begun if path != at or not _is_cut_by_git(repository, path)]
    wrong += _in_other_shape(repository.root, journal.before)
    if wrong:
        whose = "git could not write" if at_once else "An aegis that was killed left"
        raise RepositoryState(
            f"{whose} a merge {'to its end' if at_once else 'half done'}, and these files have been changed"
            f" since:\n{listed(sorted(set(wrong)))}",
            "Nothing was touched. Move your changes of these files elsewhere,"
            " then run the same command again.",
        )
    gone = {path for path, state in states.items() if state in (_State.ABSENT, _State.EMPTY)}
    theirs = set() if at_once else gone - {at}
    theirs |= {path for path in repository.worktree.unseen(gone) if states[path] is _State.ABSENT}
    restore = {path: entry for path, entry in journal.before.items() if path not in theirs}
    broken = gone | {path for path, state in states.items() if state is _State.BEGUN}
    cut = [path for path in broken & restore.keys() if not is_folder(repository.root / path)]
    return HalfDone(journal, restore, tuple(sorted(gone & {at})), tuple(sorted(cut)))


def _in_other_shape(root: Path, paths: Mapping[str, Entry | None]) -> list[str]:
    """Return where the user has put a folder for a file of the merge, or a file or link for one of its folders."""
    found = []
    for path in paths:
        place = root / path
        if is_folder(place):
            below = (p for p in place.rglob("*") if p.is_symlink() or not p.is_dir())
            found += [p for p in (x.relative_to(root).as_posix() for x in below) if p not in paths]
        for parent in place.relative_to(root).parents[:-1]:
            other = (root / parent).is_symlink() or (root / parent).is_file()
            if other and parent.as_posix() not in paths:
                found.append(parent.as_posix())
    return found


def is_folder(place: Path) -> bool:
    """Return whether a folder is at a path, and no link to one."""
    with suppress(OSError):
        return stat.S_ISDIR(place.lstat().st_mode)
    return False


def _order(journal: Journal, states: Mapping[str, _State]) -> list[str]:
    """Return the files that git writes, one after the other."""
    written = [path for path, ids in journal.after.items() if any(ids)]
    return sorted((p for p in written if states[p] is not _State.SAME), key=os.fsencode)


def _has_begun(journal: Journal, states: Mapping[str, _State]) -> bool:
    """Return whether a git that failed has written anything: it may have failed at every file, the first among them."""
    first = {states[path] for path in _order(journal, states)[:1]}
    return not {_State.AFTER, _State.BEGUN}.isdisjoint(states.values()) or bool(
        first & {_State.ABSENT, _State.EMPTY}
    )


def _where_git_was(journal: Journal, states: Mapping[str, _State]) -> str | None:
    """Return the one file that git can have been writing: all before it are written, and none behind it."""
    order = _order(journal, states)
    begun = {_State.ABSENT, _State.EMPTY, _State.BEGUN}
    for number, path in enumerate(order):
        earlier, later = order[:number], order[number + 1 :]
        if (
            states[path] in begun
            and all(states[other] is not _State.BEFORE for other in earlier)
            and all(states[other] is not _State.AFTER for other in later)
        ):
            return path
    return None


def _is_cut_by_git(repository: Repository, path: str) -> bool:
    """Return whether a file ends with a page. Any other that is shorter than it should be was cut by the user."""
    return (repository.root / path).lstat().st_size % _PAGE == 0


def _state(repository: Repository, path: str, journal: Journal) -> _State:
    before, after = journal.before[path], journal.after.get(path, ())
    content = _content(repository.root / path)
    if content is None:
        is_before, is_after = before is None, "" in after
    else:
        is_before = before is not None and _is(repository, path, before[1], content)
        is_after = any(oid and _is(repository, path, oid, content) for oid in after)
    if is_before or is_after:
        return (
            _State.SAME if is_before and is_after else _State.BEFORE if is_before else _State.AFTER
        )
    if not content:
        return _State.ABSENT if content is None else _State.EMPTY
    begun = any(oid and _begins(repository, path, oid, content) for oid in after)
    return _State.BEGUN if begun else _State.OTHER


def _is(repository: Repository, path: str, blob: str, content: bytes) -> bool:
    """Return whether a file's content is a blob's, in the form of the repository or of the work tree."""
    wanted = _plain(repository.objects.blob(blob))
    if _plain(content) == wanted:
        return True
    return (
        _plain(repository.objects.blob(repository.worktree.blob_of(path, content, write=True)))
        == wanted
    )


def _begins(repository: Repository, path: str, blob: str, content: bytes) -> bool:
    forms = repository.objects.blob(blob), repository.worktree.as_in_worktree(path, blob)
    return any(_plain(form).startswith(_plain(content)) for form in forms)


def _content(path: Path) -> bytes | None:
    """Return what is at a path; None where nothing is, or can be."""
    try:
        return os.fsencode(os.readlink(path)) if path.is_symlink() else path.read_bytes()  # noqa: PTH115
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return None
        raise


def _plain(content: bytes) -> bytes:
    """Drop what may differ in the work tree: line endings, and the labels of conflict markers."""
    return _MARKER.sub(rb"\1", content.replace(b"\r\n", b"\n"))

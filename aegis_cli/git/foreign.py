"""Reading a repository that somebody else made: its files are data, and none of its settings counts.

Git obeys the configuration of a repository in which it runs: file monitors, filters, merge drivers, promisor remotes
and more name commands. So git never runs in such a one. Its refs are read here, as files, and written into a `View`:
a repository of ours, with settings of ours, that borrows the other's objects.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from aegis_cli.git.names import is_object_id, is_ref_part
from aegis_cli.git.process import NO_HOOKS, Git, quarantined

_SHORT = 4096  # bytes of a file that holds one ref or one path
_LONG = 64 * 1024 * 1024  # bytes of the packed refs
_KINDS = ("refs/heads/", "refs/tags/")


@dataclass(frozen=True)
class Foreign:
    """A repository of somebody else on this machine.

    Attributes:
        git_dir: Its git directory; a linked work tree has one of its own.
        common_dir: What all its work trees share.
    """

    git_dir: Path
    common_dir: Path

    @property
    def store(self) -> Path:
        """Where it keeps its objects."""
        return self.common_dir / "objects"

    @property
    def is_shallow(self) -> bool:
        """Return whether it lacks the beginning of its history."""
        return (self.common_dir / "shallow").exists()

    @property
    def is_partial(self) -> bool:
        """Return whether it was cloned without some of its objects (`--filter`), for git to fetch on demand."""
        return any((self.store / "pack").glob("*.promisor"))

    @property
    def has_table_of_refs(self) -> bool:
        """Return whether its refs are in tables (reftable), and no files."""
        return (self.common_dir / "reftable").is_dir()


@dataclass(frozen=True)
class Refs:
    """What a repository names.

    Attributes:
        branches: {branch: commit}.
        tags: {tag: commit}; those of trees and blobs are left out.
        head: The branch that HEAD names; empty where it names none that there is.
    """

    branches: Mapping[str, str]
    tags: Mapping[str, str]
    head: str


def find(folder: Path) -> Foreign | None:
    """Return the repository whose top folder, or git directory, this is; None if it is neither."""
    dot_git = folder / ".git"
    if dot_git.is_file():
        named = _line(dot_git)
        if not named.startswith("gitdir: "):
            return None
        return _at(folder / named.removeprefix("gitdir: "))
    return _at(dot_git) or _at(folder)


def _at(git_dir: Path) -> Foreign | None:
    if not (git_dir / "HEAD").is_file():
        return None
    shared = _line(git_dir / "commondir")
    common = git_dir / shared if shared else git_dir
    if not ((common / "objects").is_dir() and (common / "refs").is_dir()):
        return None
    others = common / "objects/info/alternates"
    if others.exists() and not others.is_file():  # git would wait for what a pipe never says
        return None
    return Foreign(git_dir.resolve(), common.resolve())


def _read(path: Path, limit: int) -> bytes:
    """Return a regular file's content; nothing for what is none, or is too long."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        content = file.read(limit + 1)
    return content if len(content) <= limit else b""


def _line(path: Path) -> str:
    return os.fsdecode(_read(path, _SHORT)).rstrip("\r\n")


def _raw_refs(common: Path) -> dict[str, str]:
    """Return {full name: what its file says}: an id, or `ref: NAME`. Loose files count before the packed ones."""
    found = {}
    for kind in _KINDS:
        for folder, _, files in os.walk(common / kind):
            for name in files:
                place = Path(folder, name)
                found[place.relative_to(common).as_posix()] = _line(place)
    for line in os.fsdecode(_read(common / "packed-refs", _LONG)).split("\n"):
        oid, _, name = line.rstrip("\r").partition(" ")
        if name.startswith(_KINDS) and is_object_id(oid):
            found.setdefault(name, oid)
    return found


def _resolved(raw: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, said in raw.items():
        value = said
        for _ in range(5):
            if not value.startswith("ref: "):
                break
            value = raw.get(value.removeprefix("ref: ").strip(), "")
        short = name.split("/", 2)[2]
        if is_object_id(value) and is_ref_part(short) and not name.endswith("/HEAD"):
            yield name, value


class View:
    """A repository of ours through which another one's objects are read; for the time of a run.

    Args:
        place: An empty folder for it.
        foreign: The repository to read.
        stores: Where others keep their objects, to be read as if they were its own.
    """

    def __init__(self, place: Path, foreign: Foreign, *stores: Path) -> None:
        raw = dict(_resolved(_raw_refs(foreign.common_dir)))
        said = _line(foreign.git_dir / "HEAD").removeprefix("ref: ").strip()
        heads = [name for name in (said, "refs/heads/main", "refs/heads/master") if name in raw]
        branches = [name for name in raw if name.startswith("refs/heads/")]
        heads = heads or (branches if len(branches) == 1 else [])  # on no branch, but there is one
        self._head = heads[0].removeprefix("refs/heads/") if heads else ""
        length = len(next(iter(raw.values()), ""))
        self.git_dir = place
        _write_skeleton(
            place, {name: oid for name, oid in raw.items() if len(oid) == length}, length
        )
        if foreign.is_shallow:
            (place / "shallow").write_bytes(_read(foreign.common_dir / "shallow", _LONG))
        self.stores = (foreign.store, *stores)
        reading = quarantined(place / "objects", *self.stores)
        alone = quarantined(place / "objects", foreign.store)
        self.git = Git(place, reading, git_dir=place, settings=NO_HOOKS)
        self.alone = Git(place, alone, git_dir=place, settings=NO_HOOKS)

    def refs(self) -> Refs:
        """Return what the repository names, tags followed to their commits.

        Raises:
            GitFailed: It lacks an object that it names.
        """
        # An annotated tag's own id and kind come first, then those of what it names.
        told = "--format=%(refname)%00%(objectname) %(objecttype)%00%(*objectname) %(*objecttype)"
        answer = self.git.run("for-each-ref", told, "refs/heads", "refs/tags")
        branches, tags = {}, {}
        for line in answer.text.split("\n"):
            name, _, facts = line.partition("\0")
            found = next(filter(str.strip, reversed(facts.split("\0"))), "")
            oid, _, kind = found.partition(" ")
            if kind in ("tree", "blob"):  # a tag can name those, too
                continue
            if name.startswith("refs/heads/"):
                branches[name.removeprefix("refs/heads/")] = oid
            elif name:
                tags[name.removeprefix("refs/tags/")] = oid
        return Refs(branches, tags, self._head if self._head in branches else "")

    def require_whole(self) -> None:
        """Raise GitFailed unless all is there that the branches and tags lead to."""
        self.git.run("rev-list", "--objects", "--quiet", "--branches", "--tags")


def refs_of(foreign: Foreign) -> Refs:
    """Return what a repository names.

    Raises:
        GitFailed: It lacks an object that it names.
    """
    with tempfile.TemporaryDirectory(prefix="aegis-") as folder:
        return View(Path(folder, "view"), foreign).refs()


def is_dirty(git: Git, folder: Path, foreign: Foreign) -> bool:
    """Return whether a repository's work tree differs from its HEAD, by tracked files or new ones that are not ignored.

    Args:
        git: Runs git in a view of it, with an index and settings of ours.
        folder: Where its work tree lies, if it has one.
        foreign: The repository.
    """
    if not _begin_index(git, folder, foreign):
        return False
    found = git.run(
        f"--work-tree={folder}", "status", "--porcelain", "--untracked-files=normal",
        "--ignore-submodules=all", "--no-renames", check=False,
    )  # fmt: skip
    return bool(found.stdout)


def worktree(git: Git, folder: Path, foreign: Foreign) -> tuple[str, str] | None:
    """Return a repository's HEAD, and its work tree as a tree among the objects of the view; None if it lacks either.

    Args:
        git: Runs git in a view of it, with an index and settings of ours.
        folder: Where its work tree lies.
        foreign: The repository.
    """
    head = _begin_index(git, folder, foreign)
    if not head:
        return None
    git.run(f"--work-tree={folder}", "add", "--all", ":/")
    commit = git.run("rev-parse", "--verify", f"{head}^{{commit}}").text
    return commit, git.run("write-tree").text


def commit_tree(git: Git, tree: str, parent: str, date: str, author: str, message: str) -> str:
    """Write a commit with nothing in it that differs from one time to the next; return its id."""
    name, _, email = author.rstrip(">").partition(" <")
    who = {"NAME": name, "EMAIL": email, "DATE": f"@{date}"}
    environment = {f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in who.items()}
    return git.run("commit-tree", tree, "-p", parent, "-m", message, environment=environment).text


def _begin_index(git: Git, folder: Path, foreign: Foreign) -> str:
    """Make the view's index and HEAD those of the repository; return HEAD, or nothing where it has no work tree."""
    said = _line(foreign.git_dir / "HEAD")
    head = said.removeprefix("ref: ").strip()
    is_usable = head.startswith("refs/heads/") or is_object_id(head)
    if not is_usable or not (folder / ".git").exists():
        return ""
    if git.run("read-tree", head, check=False).code != 0:
        return ""
    git.run("update-ref", "--no-deref", "HEAD", head)  # what its index is compared with
    return head


def copy(view: View, store: Path, ids: Iterable[str], to: Path) -> None:
    """Copy commits, with all that they name and the view has not, from where somebody else keeps objects.

    Git believes what a store says of an id. One that lies in a clone can have other contents under the ids of objects
    that are known and trusted; here every id is computed anew, from the content.

    Args:
        view: Reads what need not be copied.
        store: The other's objects.
        ids: The commits.
        to: Where the copies go.

    Raises:
        GitFailed: The other lacks one of the commits. What else it lacks is left out.
    """
    refs = view.refs()
    known = dict.fromkeys([*refs.branches.values(), *refs.tags.values()])
    reading = quarantined(to, *view.stores, store)
    lines = [*ids, "--not", *known]
    text = "".join(f"{line}\n" for line in lines).encode()
    packed = view.git.run(
        "pack-objects", "--quiet", "--revs", "--stdout", "--missing=allow-any", stdin=text, environment=reading
    )  # fmt: skip
    view.git.run(
        "index-pack", "--stdin", stdin=packed.stdout, environment=quarantined(to, *view.stores)
    )


def first_missing(git: Git, commits: Collection[str]) -> str | None:
    """Return the first of these commits that is not among a repository's objects, if any is not."""
    wanted = sorted(commits)
    text = "".join(f"{commit}\n" for commit in wanted).encode()
    found = git.run("cat-file", "--batch-check=%(objecttype)", stdin=text).text.splitlines()
    return next((c for c, kind in zip(wanted, found, strict=True) if kind != "commit"), None)


def first_unnamed(git: Git, commits: Collection[str]) -> str | None:
    """Return one of these commits, or of their ancestors, that no branch or tag of a repository holds, if any is so."""
    text = "".join(f"{commit}\n" for commit in sorted(commits)).encode()
    asked = ("rev-list", "--max-count=1", "--stdin", "--not", "--branches", "--tags")
    return git.run(*asked, stdin=text).text or None


def _write_skeleton(place: Path, refs: Mapping[str, str], id_length: int) -> None:
    # Not bare, although it has no files: `git merge-tree` of git 2.39 fails in a bare repository.
    for folder in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
        (place / folder).mkdir(parents=True)
    (place / "config").write_text(settings(id_length, bare=False))
    (place / "HEAD").write_text("ref: refs/heads/main\n")
    lines = "".join(f"{oid} {name}\n" for name, oid in sorted(refs.items()))
    (place / "packed-refs").write_bytes(os.fsencode(lines))


def settings(id_length: int, *, bare: bool) -> str:
    """Return the configuration of a repository of ours whose ids have this length; nothing else gets a say in it."""
    sha256 = id_length == 64
    form = "[extensions]\n\tobjectFormat = sha256\n" if sha256 else ""
    return (
        f"[core]\n\trepositoryFormatVersion = {int(sha256)}\n\tbare = {str(bare).lower()}\n{form}"
    )

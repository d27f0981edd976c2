"""Reading a repository's objects: one `git cat-file --batch` for a whole run."""

from __future__ import annotations

import codecs
import hashlib
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from aegis_cli.errors import AegisError, GitFailed
from aegis_cli.git.names import is_git_folder, is_object_id
from aegis_cli.git.process import Git

Entry = tuple[str, str]
"""(mode, object id) of a path in a tree; modes as git writes them: 100644, 100755, 120000, 160000."""
Files = dict[str, Entry]
"""A flat tree: {path: (mode, object id)}. Paths use `/`; undecodable bytes are surrogates."""

TREE_MODE = "40000"
REGULAR = "100644"
EXECUTABLE = "100755"
LINK = "120000"
SUBMODULE = "160000"
# What very old tools wrote, for files that a group may write; git reads it, and writes it no more.
_OLD_MODES = {"100664": REGULAR, "100775": EXECUTABLE}
# What Python knows as encodings, and git does not; one takes half a minute for a long message.
_NO_ENCODINGS = ("punycode", "idna", "unicode-escape", "raw-unicode-escape")
# What a repository of somebody else may make us read: more is no template, and would eat the machine.
_LARGEST = 512 * 1024 * 1024  # bytes of one object
_DEEPEST = 200  # folders in folders
_MOST = 500_000  # folders of one tree
_CHUNK = 400  # ids that fit a pipe's buffer, so that neither side waits for the other


@dataclass(frozen=True)
class Commit:
    """A commit as git stores it. Dates are git's raw form: seconds since 1970 and an offset."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author: str
    author_date: str
    committer: str
    committer_date: str
    message: str

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.lstrip().partition("\n")[0].strip()


class BrokenObject(AegisError):
    """An object that git would not have made, or that is larger than any that makes sense."""

    def __init__(self, oid: str, why: str) -> None:
        super().__init__(
            f"The object {oid} of the repository {why}.",
            "Nothing was changed. See what git makes of it: git fsck",
        )


class _Walk:
    """Counts the trees that one walk opens: few objects can stand for more files than there is room for."""

    def __init__(self) -> None:
        self._opened = 0

    def enter(self, tree: str, prefix: str) -> None:
        self._opened += 1
        if self._opened > _MOST or prefix.count("/") > _DEEPEST:
            raise BrokenObject(tree, "has too many folders, or too many in one another")


class Objects:
    """Reads blobs, trees and commits of one repository. Trees are kept in memory.

    Args:
        git: Runs git in it.
        advice: What to do where an object is missing.
    """

    def __init__(self, git: Git, advice: str | None = None) -> None:
        self._git = git
        self._advice = advice
        self._process: subprocess.Popen[bytes] | None = None
        self._trees: dict[str, dict[str, Entry]] = {}
        self._commits: dict[str, Commit] = {}

    def close(self) -> None:
        """End the background process, if there is one."""
        if self._process is not None:
            self._process.communicate()
            for stream in (self._process.stdout, self._process.stderr):
                if stream:
                    stream.close()
            self._process = None

    def _abandon(self) -> None:
        """End the background process in the midst of an answer."""
        if self._process is not None:
            self._process.kill()
        self.close()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None:
            self._process = self._git.start("cat-file", "--batch")
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None  # noqa: S101, PT018  (for the type checker)
        return stdin, stdout

    def read(self, name: str) -> tuple[str, str, bytes] | None:
        """Return (id, type, content) of the object that `name` stands for, or None."""
        return next(self._read_many([name]))

    def _read_many(self, names: Iterable[str]) -> Iterator[tuple[str, str, bytes] | None]:
        stdin, stdout = self._pipes()
        # A name is one line; what is none names nothing.
        pending = [name if name and not set("\n\r\0") & set(name) else "-" for name in names]
        for start in range(0, len(pending), _CHUNK):
            chunk = pending[start : start + _CHUNK]
            try:
                stdin.write(
                    "".join(f"{name}\n" for name in chunk).encode("utf-8", "surrogateescape")
                )
                stdin.flush()
            except BrokenPipeError:  # nobody's who reads what we print
                raise self._ended() from None
            for _ in chunk:
                yield self._answer(stdout)

    def _answer(self, stdout: IO[bytes]) -> tuple[str, str, bytes] | None:
        header = stdout.readline().decode("utf-8", "surrogateescape").rstrip("\n")
        if header.endswith((" missing", " ambiguous")):
            return None
        if not header:
            raise self._ended()
        oid, kind, size = header.split(" ")
        if int(size) > _LARGEST:
            self._abandon()
            raise BrokenObject(oid, f"is too large to be read ({int(size) // 1024**2} MiB)")
        content = stdout.read(int(size))
        if not stdout.read(1):  # the line break behind it
            raise self._ended()
        return oid, kind, content

    def _ended(self) -> GitFailed:
        """Return what to say of a background process that ended before its answer did."""
        process = self._process
        assert process is not None and process.stderr is not None  # noqa: S101, PT018  (for the type checker)
        code, said = process.wait(), process.stderr.read().decode("utf-8", "replace")
        return GitFailed(("cat-file", "--batch"), code, said)

    def blob(self, oid: str) -> bytes:
        """Return a blob's content."""
        return self._expect(oid, "blob")

    def blobs(self, oids: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of many objects, each asked for once."""
        wanted = list(dict.fromkeys(oids))
        found = {}
        for oid, answer in zip(wanted, self._read_many(wanted), strict=True):
            if answer is None:
                raise self._missing("blob", oid)
            found[oid] = answer[2]
        return found

    def _expect(self, oid: str, kind: str) -> bytes:
        answer = self.read(oid)
        if answer is None or answer[1] != kind:
            raise self._missing(kind, oid)
        return answer[2]

    def _missing(self, kind: str, name: str) -> GitFailed:
        failed = GitFailed(("cat-file", kind), 128, f"{kind} {name} is missing")
        failed.advise(self._advice)
        return failed

    def exists(self, name: str) -> bool:
        """Return whether an object of this name is there."""
        return self.read(name) is not None

    def commit(self, name: str) -> Commit:
        """Return a commit by id or by name."""
        if name in self._commits:
            return self._commits[name]
        answer = self.read(f"{name}^{{commit}}")
        if answer is None:
            raise self._missing("commit", name)
        commit = parse_commit(answer[0], answer[2])
        self._commits[commit.id] = commit
        return commit

    def put_virtual(self, commit: Commit) -> None:
        """Take in a commit that no repository has, under an id that no object has."""
        self._commits[commit.id] = commit

    def preload_commits(self, oids: Iterable[str]) -> None:
        """Read many commits at once."""
        wanted = [oid for oid in dict.fromkeys(oids) if oid not in self._commits]
        for oid, content in self.blobs(wanted).items():
            self._commits[oid] = parse_commit(oid, content)

    def preload_changes(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Read, level by level, the trees that `changes` will open for many pairs of trees."""
        level = list(pairs)
        while level:
            wanted = {oid for pair in level for oid in pair if oid not in self._trees}
            for oid, content in self.blobs(wanted).items():
                self._trees[oid] = parse_tree(oid, content)
            following = []
            for old, new in level:
                before, after = self._trees[old], self._trees[new]
                for name, (mode, oid) in after.items():
                    was = before.get(name)
                    if was and was[1] != oid and mode == was[0] == TREE_MODE:
                        following.append((was[1], oid))
            level = list(dict.fromkeys(following))

    def tree(self, oid: str) -> dict[str, Entry]:
        """Return one level of a tree: {name: (mode, id)}."""
        if oid not in self._trees:
            self._trees[oid] = parse_tree(oid, self._expect(oid, "tree"))
        return self._trees[oid]

    def entry(self, tree: str, path: str) -> Entry | None:
        """Return (mode, id) of a path below a tree, or None. An empty path is the tree itself."""
        mode, oid = TREE_MODE, tree
        for name in path.split("/") if path else ():
            if mode != TREE_MODE:
                return None
            found = self.tree(oid).get(name)
            if found is None:
                return None
            mode, oid = found
        return mode, oid

    def files(self, tree: str, path: str = "") -> Files:
        """Return every file below a tree (or below one folder of it), flat."""
        entry = self.entry(tree, path)
        found: Files = {}
        if entry is not None and entry[0] == TREE_MODE:
            self._collect(entry[1], "", found, _Walk())
        return found

    def files_at(self, commit: str, folder: str = "") -> Files:
        """Return every file of a commit (or below one folder of it, whatever that ends with), flat."""
        return self.files(self.commit(commit).tree, folder.rstrip("/"))

    def _collect(self, tree: str, prefix: str, found: Files, walk: _Walk) -> None:
        walk.enter(tree, prefix)
        for name, entry in self.tree(tree).items():
            if entry[0] == TREE_MODE:
                self._collect(entry[1], f"{prefix}{name}/", found, walk)
            else:
                found[prefix + name] = entry

    def changes(
        self, old: str | None, new: str | None, prefix: str = "", walk: _Walk | None = None
    ) -> Iterator[tuple[str, Entry | None, Entry | None]]:
        """Yield (path, entry before, entry after) for every file that differs between two trees.

        The cost follows the difference: folders with the same id are not opened.
        """
        if old == new:
            return
        walk = walk or _Walk()
        walk.enter(new or str(old), prefix)
        before = self.tree(old) if old else {}
        after = self.tree(new) if new else {}
        for name in sorted(before.keys() | after.keys()):
            was, now = before.get(name), after.get(name)
            if was == now:
                continue
            was_tree = was[1] if was and was[0] == TREE_MODE else None
            now_tree = now[1] if now and now[0] == TREE_MODE else None
            if was_tree or now_tree:
                yield from self.changes(was_tree, now_tree, f"{prefix}{name}/", walk)
            was_file = was if was and not was_tree else None
            now_file = now if now and not now_tree else None
            if was_file or now_file:
                yield prefix + name, was_file, now_file


def blob_id(content: bytes, id_length: int = 40) -> str:
    """Return the id that git gives a blob; `id_length` is 40 (SHA-1) or 64 (SHA-256)."""
    algorithm = hashlib.sha256 if id_length == 64 else hashlib.sha1
    return algorithm(b"blob %d\0" % len(content) + content).hexdigest()


def empty_tree(id_length: int = 40) -> str:
    """Return the id of a tree without entries, which git knows without having it."""
    return (hashlib.sha256 if id_length == 64 else hashlib.sha1)(b"tree 0\0").hexdigest()


def parse_tree(oid: str, content: bytes) -> dict[str, Entry]:
    """Read git's own form of a tree: {name: (mode, id)}.

    Raises:
        BrokenObject: It is none, or holds a name that would lead elsewhere.
    """
    try:
        found = dict(_parse_tree(content, len(oid) // 2))
    except ValueError as error:
        raise BrokenObject(oid, "is no tree") from error
    for name, (_, held) in found.items():
        leads_elsewhere = name in ("", ".", "..") or "/" in name or is_git_folder(name)
        if leads_elsewhere or len(held) != len(oid):
            raise BrokenObject(oid, "holds a name that git does not allow")
    return found


def _parse_tree(content: bytes, id_bytes: int) -> Iterator[tuple[str, Entry]]:
    position = 0
    while position < len(content):
        space = content.index(b" ", position)
        nul = content.index(b"\0", space)
        end = nul + 1 + id_bytes
        name = content[space + 1 : nul].decode("utf-8", "surrogateescape")
        mode = content[position:space].decode()
        yield name, (_OLD_MODES.get(mode, mode), content[nul + 1 : end].hex())
        position = end


def parse_commit(oid: str, content: bytes) -> Commit:
    """Read git's own form of a commit, tolerant of old and odd ones.

    Raises:
        BrokenObject: It names no tree.
    """
    head, _, body = content.partition(b"\n\n")
    headers: dict[str, list[bytes]] = {}
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        if key:
            headers.setdefault(key.decode("ascii", "replace"), []).append(value)
    encoding = headers.get("encoding", [b"utf-8"])[0].decode("ascii", "replace")
    author, author_date = _split_identity(_decode(headers.get("author", [b""])[0], encoding))
    committer, committer_date = _split_identity(
        _decode(headers.get("committer", [b""])[0], encoding)
    )
    ids = headers.get("tree", [])[:1] + headers.get("parent", [])
    named = [value.decode("ascii", "replace") for value in ids]
    if "tree" not in headers or not all(is_object_id(name) for name in named):
        raise BrokenObject(oid, "is no commit")
    return Commit(
        id=oid,
        tree=named[0],
        parents=tuple(named[1:]),
        author=author,
        author_date=author_date,
        committer=committer,
        committer_date=committer_date,
        message=_decode(body, encoding),
    )


def _decode(value: bytes, encoding: str) -> str:
    try:
        known = codecs.lookup(encoding).name not in _NO_ENCODINGS
        text = value.decode(encoding if known else "utf-8")
        text.encode()  # some encodings spell out halves of characters, which no other can take
    except (LookupError, ValueError):
        return value.decode("utf-8", "replace")
    return text


def _split_identity(line: str) -> tuple[str, str]:
    """Split `Name <email> 1700000000 +0100`; what git fast-import would refuse is made acceptable."""
    identity, _, date = line.rpartition("> ")
    name, _, email = identity.partition("<")
    # An encoding can spell out line breaks.
    name, email = (re.sub(r"[<>\0\n]", "", word) for word in (name, email))
    name = name.strip() or "unknown"
    seconds, _, offset = date.partition(" ")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 15):
        seconds = "0"
    valid = len(offset) == 5 and offset[0] in "+-" and offset[1:].isascii() and offset[1:].isdigit()
    if not valid or int(offset[1:]) > 1400:
        offset = "+0000"
    return f"{name} <{email}>", f"{seconds} {offset}"

"""Reading git objects."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import NamedTuple, Self

from .errors import DerivationError
from .git import Repository

FOLDER = "40000"


class Entry(NamedTuple):
    """One line of a tree."""

    mode: str
    oid: str

    @property
    def is_folder(self) -> bool:
        """Whether it is a tree itself."""
        return self.mode == FOLDER

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return self.mode.startswith("100")


class Commit(NamedTuple):
    """The parts of a commit that are carried over, byte by byte."""

    tree: str
    author: bytes
    committer: bytes
    encoding: bytes
    message: bytes

    @property
    def date(self) -> bytes:
        """The committer's date: seconds and zone."""
        return self.committer.rpartition(b"> ")[2]


class Objects:
    """Reads objects through one `git cat-file --batch`, and remembers trees."""

    def __init__(self, repository: Repository) -> None:
        self._process = repository.launch("cat-file", "--batch")
        self._trees: dict[str, dict[bytes, Entry]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def read(self, oid: str) -> bytes | None:
        """The content of an object, or nothing when it does not exist."""
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        assert self._process.stdout is not None  # noqa: S101 - likewise
        self._process.stdin.write(oid.encode() + b"\n")
        self._process.stdin.flush()
        header = self._process.stdout.readline().split()
        if len(header) != 3:
            return None
        content = self._process.stdout.read(int(header[2]) + 1)
        return content[:-1]

    def need(self, oid: str) -> bytes:
        """The content of an object that must exist."""
        content = self.read(oid)
        if content is None:
            raise DerivationError(f"object {oid} is missing from this repository")
        return content

    def commit(self, oid: str) -> Commit:
        """A commit, taken apart."""
        head, _, message = self.need(oid).partition(b"\n\n")
        fields = dict(line.partition(b" ")[::2] for line in reversed(head.split(b"\n")))
        return Commit(
            fields[b"tree"].decode(),
            fields[b"author"],
            fields[b"committer"],
            fields.get(b"encoding", b""),
            message,
        )

    def tree(self, oid: str) -> dict[bytes, Entry]:
        """The entries of a tree by name."""
        if oid not in self._trees:
            self._trees[oid] = dict(_entries(self.need(oid), len(oid) // 2))
        return self._trees[oid]

    def entry(self, tree: str, path: str) -> Entry | None:
        """What stands at a path below a tree."""
        found: Entry | None = Entry(FOLDER, tree)
        for name in path.encode().split(b"/"):
            if found is None or not found.is_folder:
                return None
            found = self.tree(found.oid).get(name)
        return found


def _entries(content: bytes, width: int) -> Iterator[tuple[bytes, Entry]]:
    start = 0
    while start < len(content):
        space = content.index(b" ", start)
        end = content.index(b"\0", space)
        oid = content[end + 1 : end + 1 + width].hex()
        yield content[space + 1 : end], Entry(content[start:space].decode(), oid)
        start = end + 1 + width

"""Writing commits: one `git fast-import` for a whole replay. Only objects are written, no ref."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from aegis_cli.errors import GitFailed
from aegis_cli.git.objects import TREE_MODE
from aegis_cli.git.process import Git

_CHUNK = 1000  # answers that fit a pipe's buffer
# A name for fast-import's bookkeeping. It is reset before the end, to nothing and not to the null id, so the ref never
# comes to be, and git does not lock its packed refs to remove it.
_SCRATCH_REF = "refs/aegis/scratch"


class FastImport:
    """Writes blobs and commits into a repository. Use as a context manager; objects appear at its end."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process: subprocess.Popen[bytes] | None = None
        self._marks = 0

    def __enter__(self) -> Self:
        # Where case does not count git would take two names for one here, and every clone must write the same commits.
        self._process = self._git.start(
            "-c", "core.ignoreCase=false", "fast-import", "--quiet", "--done", "--date-format=raw-permissive", "--force"
        )  # fmt: skip
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        process = self._process
        assert process is not None  # noqa: S101  (for the type checker)
        if error is not None:
            process.kill()
            process.communicate()
            return
        self._write(f"reset {_SCRATCH_REF}\n\ndone\n".encode())
        _, stderr = process.communicate()
        if process.returncode != 0:
            raise self._failed(process, stderr)

    def _write(self, data: bytes, *, now: bool = False) -> None:
        """Write to fast-import; its end is an error of git's, not of whoever reads what we print."""
        process = self._process
        assert process is not None  # noqa: S101  (for the type checker)
        stdin, _ = _pipes(process)
        try:
            stdin.write(data)
            if now:
                stdin.flush()
        except BrokenPipeError:
            raise self._ended(process) from None

    def _ended(self, process: subprocess.Popen[bytes]) -> GitFailed:
        _, stderr = process.communicate()
        return self._failed(process, stderr)

    def _failed(self, process: subprocess.Popen[bytes], stderr: bytes) -> GitFailed:
        """Return the error, without the report that git leaves in the repository: it is about our commands alone."""
        report = self._git.run("rev-parse", "--git-path", f"fast_import_crash_{process.pid}").text
        Path(self._git.folder, report).unlink(missing_ok=True)
        said = stderr.decode("utf-8", "replace").splitlines()
        kept = [line for line in said if not line.startswith("fast-import: dumping crash report")]
        return GitFailed(("fast-import",), process.returncode, "\n".join(kept))

    def blob(self, content: bytes) -> None:
        """Write a blob. Later commits name it by its id."""
        self._write(b"blob\ndata %d\n" % len(content) + content + b"\n")

    def commit(
        self,
        *,
        parents: Iterable[str],
        author: tuple[str, str],
        committer: tuple[str, str],
        message: str,
        changes: Mapping[str, tuple[str, str] | None],
        tree: str | None = None,
        encoding: str = "",
    ) -> str:
        """Write a commit and return its mark, by which later commits of this run can name it; `ids` tells its id.

        Args:
            parents: Ids or marks of the parents.
            author: (identity, raw date).
            committer: (identity, raw date).
            message: The whole message.
            changes: {path: (mode, id)}, or None for a path to delete.
            tree: The tree that the changes start from; None: the first parent's; empty: one without entries.
            encoding: What the commit says that its message is written in, if anything.
        """
        self._marks += 1
        mark = f":{self._marks}"
        text = message.encode("utf-8", "surrogateescape")
        lines = [
            f"commit {_SCRATCH_REF}",
            f"mark {mark}",
            f"author {author[0]} {author[1]}",
            f"committer {committer[0]} {committer[1]}",
            *([f"encoding {encoding}"] if encoding else []),
            f"data {len(text)}",
        ]
        given = list(parents)
        first, others = (given[0] if given else None), given[1:]
        stream = ["\n".join(lines).encode("utf-8", "surrogateescape"), b"\n", text, b"\n"]
        # Without a parent of its own a commit would be put upon the one before on the same ref.
        stream.insert(0, f"reset {_SCRATCH_REF}\n".encode() if first is None else b"")
        if first is not None:
            stream.append(f"from {first}\n".encode())
        stream += [f"merge {other}\n".encode() for other in others]
        if tree is not None:
            stream.append(b"deleteall\n")
        if tree:
            stream.append(f'M {TREE_MODE} {tree} ""\n'.encode())
        # Deletions first: a folder can become a file, and the other way round.
        for path in sorted(path for path, entry in changes.items() if entry is None):
            stream.append(b"D " + _quote(path) + b"\n")
        for path, entry in sorted(changes.items()):
            if entry is not None:
                stream.append(f"M {entry[0]} {entry[1]} ".encode() + _quote(path) + b"\n")
        stream.append(b"\n")
        self._write(b"".join(stream))
        return mark

    def ids(self) -> dict[str, str]:
        """Return the ids of all commits so far: {mark: id}."""
        found = {}
        for start in range(1, self._marks + 1, _CHUNK):
            marks = [f":{n}" for n in range(start, min(start + _CHUNK, self._marks + 1))]
            self._write("".join(f"get-mark {mark}\n" for mark in marks).encode(), now=True)
            found.update({mark: self._answer() for mark in marks})
        return found

    def _answer(self) -> str:
        process = self._process
        assert process is not None  # noqa: S101  (for the type checker)
        _, stdout = _pipes(process)
        line = stdout.readline().decode().strip()
        if not line:
            raise self._ended(process)
        return line


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None  # noqa: S101  (for the type checker)
    assert process.stdout is not None  # noqa: S101  (for the type checker)
    return process.stdin, process.stdout


def _quote(path: str) -> bytes:
    raw = path.encode("utf-8", "surrogateescape")
    escaped = raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"' + escaped + b'"'

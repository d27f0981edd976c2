"""Writing commits."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Self

from .errors import GitError
from .git import Repository
from .objects import Entry

IDENTITY = b"Aegis Stack <template@aegis-stack.invalid>"

# Branches of fast-import have to be called something; this one is forgotten before it ends.
_SCRATCH = b"refs/derivation/scratch"


class Change(NamedTuple):
    """An object that is put at a path of a commit's tree; the empty path is the whole tree."""

    entry: Entry
    path: bytes


class Importer:
    """Writes commits through one `git fast-import`, and moves no ref.

    Commits are called by marks (`:1`) until `finish` tells their ids.
    """

    def __init__(self, repository: Repository, folder: Path) -> None:
        self._repository = repository
        self._folder = folder
        self._marks = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        if self._stderr is not None:
            self._stderr.close()

    def commit(
        self,
        *,
        parents: Sequence[str],
        author: bytes,
        date: bytes,
        message: bytes,
        changes: Iterable[Change],
        encoding: bytes = b"",
    ) -> str:
        """Write a commit with exactly this tree; the answer is its mark."""
        self._marks += 1
        out = [] if parents else [b"reset " + _SCRATCH]
        out.append(b"commit " + _SCRATCH)
        out.append(b"mark :%d" % self._marks)
        out.append(b"author " + author)
        out.append(b"committer " + IDENTITY + b" " + date)
        if encoding:
            out.append(b"encoding " + encoding)
        out.append(b"data %d\n%b" % (len(message), message))
        for word, parent in zip((b"from", *[b"merge"] * len(parents)), parents, strict=False):
            out.append(word + b" " + parent.encode())
        out.append(b"deleteall")
        out += [
            b"M %b %b %b" % (_mode(change), change.entry.oid.encode(), _quoted(change))
            for change in changes
        ]
        self._write(b"\n".join(out) + b"\n")
        return f":{self._marks}"

    def finish(self) -> dict[str, str]:
        """End the import, with all objects on disk; the answer maps marks to ids."""
        if self._process is None:
            return {}
        self._write(b"reset " + _SCRATCH + b"\n\ndone\n")
        process, self._process = self._process, None
        process.communicate()
        if process.returncode:
            self._fail(process)
        lines = self._marks_file.read_text().splitlines()
        self._marks_file.unlink()
        return dict(line.split() for line in lines)

    @property
    def _marks_file(self) -> Path:
        return self._folder / "derivation.marks"

    def _write(self, data: bytes) -> None:
        if self._process is None:
            self._stderr = (self._folder / "derivation.log").open("w+b")
            self._process = self._repository.launch(
                "fast-import",
                "--quiet",
                "--done",
                "--date-format=raw-permissive",
                f"--export-marks={self._marks_file}",
                stderr=self._stderr,
            )
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        try:
            self._process.stdin.write(data)
        except BrokenPipeError:
            process, self._process = self._process, None
            process.wait()
            self._fail(process)

    def _fail(self, process: subprocess.Popen[bytes]) -> None:
        assert self._stderr is not None  # noqa: S101 - for the type checker
        self._stderr.seek(0)
        raise GitError(
            self._repository.command("fast-import"),
            process.returncode,
            os.fsdecode(self._stderr.read()),
        )


def _mode(change: Change) -> bytes:
    # Very old tools wrote group-writable files, which git reads but does not write any more.
    return {"100664": "100644", "100775": "100755"}.get(
        change.entry.mode, change.entry.mode
    ).encode()


def _quoted(change: Change) -> bytes:
    path = change.path
    for raw, escape in ((b"\\", b"\\\\"), (b'"', b'\\"'), (b"\n", b"\\n")):
        path = path.replace(raw, escape)
    return b'"' + path + b'"'

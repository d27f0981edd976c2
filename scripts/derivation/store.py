"""The derived repository on disk, and the bookkeeping that makes the next run short.

Everything that a run decides is written in this order: objects, bookkeeping, refs (in one
transaction). Wherever it is killed, the next run finishes with the same refs.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from aegis_cli.errors import GitFailed
from aegis_cli.git.process import Result

from .errors import DerivationError
from .git import sealed

# Counts up when the same history gives other commits: what is there is then derived anew.
_FORMAT = 1


class Record(NamedTuple):
    """What a run leaves for the next one.

    `branches` (as plain data, for most runs do not look into them) follow the commits up to
    `head`, in a history that is cut off at `shallow`. What is published stands in `refs`, and also
    holds the uncommitted files called `files`.
    """

    head: str | None = None
    shallow: str = ""
    branches: dict[str, Any] | None = None
    files: str | None = None
    refs: dict[str, str] = {}  # noqa: RUF012 - records are never changed


class Store:
    """A bare repository that borrows objects from the checkout that it is derived from."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self.git = sealed(path, path)
        self._lock = lock
        self.record = self._read()

    def prepare(self, hash_name: str, objects: Path | None) -> None:
        """Make sure that this is a repository, and that it finds the objects of the checkout."""
        if not (self.path / "objects").is_dir() or not self._record_file.exists():
            self._clear_locks()
            self._run(
                "init",
                "--quiet",
                "--bare",
                "--template=",
                "--initial-branch=main",
                f"--object-format={hash_name}",
            )
        alternates = self.path / "objects" / "info" / "alternates"
        wanted = f"{_quoted(objects)}\n" if objects else ""
        if (alternates.read_text() if alternates.exists() else "") != wanted:
            alternates.parent.mkdir(exist_ok=True)
            _replace(alternates, wanted)

    def keep(self, record: Record) -> None:
        """Remember a run, and publish its refs."""
        if record != self.record:
            _replace(
                self._record_file,
                json.dumps({"format": _FORMAT, **record._asdict()}, indent=1, sort_keys=True),
            )
            self.record = record
        self.publish()

    def publish(self) -> None:
        """Let the refs be what the bookkeeping says."""
        listed = self.git.run("for-each-ref", "--format=%(refname) %(objectname)")
        there = dict(line.split() for line in listed.text.splitlines())
        wanted = self.record.refs
        lines = [f"delete {ref}" for ref in there if ref not in wanted]
        lines += [f"update {ref} {oid}" for ref, oid in wanted.items() if there.get(ref) != oid]
        if not lines:
            return
        transaction = "\n".join(["start", *sorted(lines), "prepare", "commit", ""]).encode()
        try:
            self._run("update-ref", "--stdin", stdin=transaction)
        except GitFailed:
            # We hold the lock, so a lock file of git is what a killed run left behind.
            if not self._clear_locks():
                raise
            self._run("update-ref", "--stdin", stdin=transaction)

    def tidy(self) -> None:
        """Pack what many small runs have left."""
        self._run("-c", "gc.auto=6700", "gc", "--auto", "--quiet")

    def _run(self, *arguments: str, stdin: bytes = b"") -> Result:
        # It holds the lock as well: a killed run has ended only when its git has.
        return self.git.run(*arguments, stdin=stdin, keep_open=self._lock)

    @property
    def _record_file(self) -> Path:
        return self.path / "derivation.json"

    def _read(self) -> Record:
        try:
            data = json.loads(self._record_file.read_text())
            if data["format"] != _FORMAT:
                return Record()
            return Record(**{name: data[name] for name in Record._fields})
        except (OSError, ValueError, KeyError, TypeError):
            return Record()

    def _clear_locks(self) -> list[Path]:
        stale = [*self.path.glob("*.lock"), *self.path.glob("refs/**/*.lock")]
        stale = [path for path in stale if path != self.path / _LOCK]
        for path in stale:
            path.unlink(missing_ok=True)
        return stale


_LOCK = "derivation.lock"


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    """The store at a path, for this process alone."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise DerivationError(f"{path} cannot hold the template repository: {error}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Store(path, lock)
    finally:
        os.close(lock)


def _replace(path: Path, text: str) -> None:
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    new.replace(path)


def _quoted(path: Path) -> str:
    text = str(path)
    if text.startswith(('"', "#")) or "\n" in text:
        return json.dumps(text, ensure_ascii=False)
    return text

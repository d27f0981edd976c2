"""SQLite: one file, no server."""

import os
import sqlite3
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, ForeignKeyConstraint, Table
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.config import settings
from app.core.constants import ROOT
from app.core.db.dialect import Condition, Precision, Rows
from app.core.db.turns import take_turns
from app.core.errors import AppError, ConfigurationError, StorageError
from app.core.storage import unwritable, writing_to

COUNTED_ROWS = 100_000
MIGRATION_WAIT_MS = 60_000
OUTAGES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}

DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
UNWRITABLE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
SMALLEST_ROOM = 64 * 1024
"""A disk with less is full: a page of the log, and what goes with it, would not fit."""


def kind_of(error: BaseException) -> int:
    """The kind of an error: the lower byte of its code, the rest says more."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def set_up(connection: Any, *pragmas: str) -> None:
    """Set up a connection of the driver, all at once: one of a coroutine goes to its thread for each call."""
    script = "".join(f"PRAGMA {pragma};" for pragma in pragmas)
    if isinstance(connection, sqlite3.Connection):
        connection.executescript(script)
    else:
        connection.run_async(lambda driver: driver.executescript(script))


class Sqlite:
    """A database in a file. A relative path starts at the project's folder."""

    title = "SQLite"
    backup_suffix = ".db"

    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise ConfigurationError(["DATABASE_URL: SQLite needs a file (sqlite:///data/app.db)"])
        self.path = ROOT / url.database
        self.sync_url = URL.create("sqlite", database=str(self.path))
        self.async_url = URL.create("sqlite+aiosqlite", database=str(self.path))

    def place(self) -> str:
        """The path of the file."""
        if self.path.is_relative_to(ROOT):
            return str(self.path.relative_to(ROOT))
        return str(self.path)

    def engine_options(self) -> dict[str, Any]:
        """A second writer waits for the first instead of failing at once."""
        with writing_to(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        return {"connect_args": {"timeout": settings.DATABASE_BUSY_TIMEOUT_SECONDS}}

    def prepare_connection(self, connection: Any) -> None:
        """Readers never wait (WAL), and foreign keys hold."""
        # NORMAL is safe with WAL: a power cut can undo the last commits, but never damages the file.
        set_up(connection, "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")

    def prepare_coroutines(self, engine: AsyncEngine) -> None:
        """Those that write wait for each other in a row, or of many some would wait in vain."""
        take_turns(engine, settings.DATABASE_BUSY_TIMEOUT_SECONDS)

    @contextmanager
    def alone(self, connection: Connection) -> Generator[None]:
        """Take the write lock at once. Changing a table means copying it, so foreign keys rest."""
        # The pool must not get a connection without foreign keys.
        connection.detach()
        connection.exec_driver_sql(f"PRAGMA busy_timeout={MIGRATION_WAIT_MS}")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            before = self._broken_references(connection)
            yield
            if broken := self._broken_references(connection) - before:
                tables = ", ".join(sorted({str(row[0]) for row in broken}))
                raise AppError(f"This would break references in: {tables}. Nothing has changed.")
            connection.commit()
        except BaseException:
            connection.rollback()
            raise

    def _broken_references(self, connection: Connection) -> set[tuple[Any, ...]]:
        return {tuple(row) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}

    @contextmanager
    def hold(self, name: str) -> Generator[Callable[[], bool]]:
        """A lock on a file beside the database."""
        from app.core.filelock import file_lock

        with file_lock(self.path.with_name(f"{self.path.name}.{name}.lock")) as is_ours:
            yield lambda: is_ours

    @contextmanager
    def snapshot(self, connection: Connection) -> Generator[None]:
        """The driver begins no transaction for reading, so it is told to."""
        connection.exec_driver_sql("BEGIN")
        with connection.get_transaction() or connection.begin():
            yield

    @contextmanager
    def deferring(
        self, connection: Connection, constraints: Iterable[ForeignKeyConstraint]
    ) -> Generator[None]:
        """Within `alone` foreign keys rest anyway, and are checked at its end."""
        yield

    def after_copy(self, connection: Connection, table: Table) -> None:
        """SQLite counts on from the largest number by itself."""

    def must_exist(self) -> None:
        """A connection would make an empty file."""
        if not self.path.exists():
            raise AppError(f"There is no database: {self.place()}")

    def is_outage(self, error: BaseException) -> bool:
        """Somebody else writes for too long, or the disk is full or gone."""
        return kind_of(error) in OUTAGES or self.storage_problem(error) is not None

    def storage_problem(self, error: BaseException) -> str | None:
        """What waiting does not help. SQLite says "unable to open" and "readonly", and not why."""
        kind = kind_of(error)
        if kind == sqlite3.SQLITE_FULL or (kind == sqlite3.SQLITE_IOERR and not self._room()):
            return f"The disk of the database is full: {self.place()}"
        if kind in DAMAGED:
            return f"{self.place()} is damaged, or no database ({error})"
        if kind in UNWRITABLE:
            return unwritable(self.path) or unwritable(self.path.parent) or None
        return None

    def folder(self) -> Path:
        """Where the file is, with its log."""
        return self.path.parent

    def condition(self, connection: Connection) -> Condition:
        """What there is no server to say: nothing can be written any more."""
        if not self._room():
            return Condition({}, "The disk of the database is full")
        return Condition({}, unwritable(self.path) or unwritable(self.path.parent))

    def _room(self) -> bool:
        disk = os.statvfs(self.path.parent)
        return disk.f_bavail * disk.f_frsize >= SMALLEST_ROOM

    def version(self, connection: Connection) -> str:
        """The version of the library."""
        return sqlite3.sqlite_version

    def size(self, connection: Connection) -> int:
        """The file and its write-ahead log."""
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def tables(self, connection: Connection) -> list[str]:
        """Not virtual ones, nor what they keep: an index of texts cannot be copied row by row."""
        query = (
            "SELECT name FROM pragma_table_list "
            "WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
        )
        return sorted(connection.exec_driver_sql(query).scalars())

    def rows(self, connection: Connection, table: str) -> Rows:
        """Count up to a limit."""
        quoted = connection.dialect.identifier_preparer.quote(table)
        limited = f"SELECT 1 FROM {quoted} LIMIT {COUNTED_ROWS + 1}"  # noqa: S608
        count = connection.exec_driver_sql(f"SELECT count(*) FROM ({limited})").scalar_one()  # noqa: S608
        if count > COUNTED_ROWS:
            return Rows(COUNTED_ROWS, Precision.AT_LEAST)
        return Rows(count, Precision.EXACT)

    def copy_to(self, path: Path) -> None:
        """Copy in one step: in several, each write of others would start it all over again."""
        self.must_exist()
        try:
            with (
                closing(sqlite3.connect(self.path, timeout=60)) as source,
                closing(sqlite3.connect(path)) as target,
            ):
                source.backup(target)
                # Whoever looks into the copy must leave no -wal and -shm files beside it.
                target.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            if kind_of(error) == sqlite3.SQLITE_FULL:
                raise StorageError(f"The disk is full: {path.parent}") from error
            raise

    def verify(self, path: Path) -> None:
        """Let SQLite check the copy's structure."""
        try:
            with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as copy:
                [found] = copy.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            found = str(error)
        if found != "ok":
            raise AppError(f"The copy {path.name} is damaged: {found}")

    def restore_from(self, path: Path) -> None:
        """Write the copy into the database as one transaction: whoever reads sees old or new."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with (
            closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(self.path, timeout=60)) as target,
        ):
            source.backup(target)

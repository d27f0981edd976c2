"""What differs between database systems. The URL decides which one it is."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sqlalchemy import URL, Connection, ForeignKeyConstraint, Table, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.errors import ConfigurationError


class Precision(StrEnum):
    """How well a number is known."""

    EXACT = "exact"
    ABOUT = "about"
    AT_LEAST = "at least"


class Rows(NamedTuple):
    """How many rows a table has; counting a large one to its end would take too long."""

    count: int
    precision: Precision


class Condition(NamedTuple):
    """What else health shows, and what is wrong with it."""

    details: dict[str, str | int | float]
    problem: str = ""


class Dialect(Protocol):
    """One database system, with the URL of one database."""

    title: str
    sync_url: URL
    async_url: URL
    backup_suffix: str

    def place(self) -> str:
        """Where the database is, without a password."""
        ...

    def engine_options(self) -> dict[str, Any]:
        """What engines are made with."""
        ...

    def prepare_connection(self, connection: Any) -> None:
        """Set up a new connection of the driver."""
        ...

    def prepare_coroutines(self, engine: AsyncEngine) -> None:
        """Set up the engine for coroutines."""
        ...

    def alone(self, connection: Connection) -> AbstractContextManager[None]:
        """A transaction in which nobody else migrates."""
        ...

    def hold(self, name: str) -> AbstractContextManager[Callable[[], bool]]:
        """A lock that one process at a time can have, and that ends with it.

        What it gives says whether the lock is ours, at any time: a server that dies takes it along.
        """
        ...

    def snapshot(self, connection: Connection) -> AbstractContextManager[None]:
        """A transaction that sees everything as it was at its beginning."""
        ...

    def deferring(
        self, connection: Connection, constraints: Iterable[ForeignKeyConstraint]
    ) -> AbstractContextManager[None]:
        """Within `alone`: these references may be broken until the block's end."""
        ...

    def after_copy(self, connection: Connection, table: Table) -> None:
        """Let new rows get numbers that no copied row has."""
        ...

    def must_exist(self) -> None:
        """Raise an `AppError` when there is no such database; looking must not make one."""
        ...

    def is_outage(self, error: BaseException) -> bool:
        """Whether an error of the driver is no fault of the statement: later it may work."""
        ...

    def storage_problem(self, error: BaseException) -> str | None:
        """Whether the disk is full or may not be written, in words."""
        ...

    def folder(self) -> Path | None:
        """Where the files are; None where that is the server's business."""
        ...

    def condition(self, connection: Connection) -> Condition:
        """What health should know of this system alone."""
        ...

    def version(self, connection: Connection) -> str:
        """The version of the database system."""
        ...

    def size(self, connection: Connection) -> int:
        """How many bytes the database takes."""
        ...

    def tables(self, connection: Connection) -> list[str]:
        """The tables, without those that the system itself makes of others."""
        ...

    def rows(self, connection: Connection, table: str) -> Rows:
        """How many rows a table has."""
        ...

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy while others read and write."""
        ...

    def verify(self, path: Path) -> None:
        """Raise an `AppError` when a copy is damaged."""
        ...

    def restore_from(self, path: Path) -> None:
        """Replace the whole content with that of a copy."""
        ...


def dialect_for(url: str) -> Dialect:
    """The dialect of a URL. Other systems than SQLite come with other components."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # The text of the error would repeat the password.
        problem = "DATABASE_URL: it is not like sqlite:///data/app.db"
        raise ConfigurationError([problem]) from error
    name = parsed.drivername.partition("+")[0]
    if name == "sqlite":
        from app.core.db.sqlite import Sqlite

        return Sqlite(parsed)
    # slot: dialects
    raise ConfigurationError([f"DATABASE_URL: no component here brings {name!r}"])

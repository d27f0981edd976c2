"""What differs between database systems. The URL decides which one it is."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sqlalchemy import URL, Connection, make_url

from app.core.errors import ConfigurationError
from app.core.extensions import extensions, load


class Rows(NamedTuple):
    """How many rows a table has; counting a large one to its end would take too long."""

    count: int
    is_exact: bool


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

    def alone(self, connection: Connection) -> AbstractContextManager[None]:
        """A transaction in which nobody else migrates."""
        ...

    def hold(self, name: str) -> AbstractContextManager[bool]:
        """A lock that one process at a time can have, and that ends with it; False: it is taken."""
        ...

    def version(self, connection: Connection) -> str:
        """The version of the database system."""
        ...

    def size(self, connection: Connection) -> int:
        """How many bytes the database takes."""
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
    """The dialect of a URL. Other systems than SQLite come as extensions."""
    parsed = make_url(url)
    name = parsed.drivername.partition("+")[0]
    known = {"sqlite": "app.core.db.sqlite:Sqlite"}
    point = "database.dialect."
    known |= {p.removeprefix(point): to for p, to in extensions() if p.startswith(point)}
    if name not in known:
        problem = f"DATABASE_URL: {name!r} is none of {', '.join(sorted(known))}"
        raise ConfigurationError([problem])
    dialect: Dialect = load(known[name])(parsed)
    return dialect

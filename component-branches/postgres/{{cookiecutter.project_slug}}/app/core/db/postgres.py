"""PostgreSQL, by psycopg."""

from collections.abc import Callable, Generator, Iterable
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Connection, ForeignKeyConstraint, Table, inspect, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.config import settings
from app.core.constants import PROJECT_SLUG
from app.core.db import postgres_tools
from app.core.db.dialect import Condition, Precision, Rows
from app.core.errors import AppError, ConfigurationError
from app.core.redaction import keep_secret

COUNTED_ROWS = 100_000
"""Tables that seem to be larger are not counted."""
TABLE_WAIT_SECONDS = 10
"""How long a migration waits for a table: whoever comes after it waits as well."""
DEAD_SECONDS = 20
"""When somebody who does not answer counts as gone, on both sides."""
FULL_PERCENT = 90


class Postgres:
    """A database of a server."""

    title = "PostgreSQL"
    backup_suffix = ".dump"

    def __init__(self, url: URL) -> None:
        if not url.database:
            raise ConfigurationError(["DATABASE_URL: it names no database (postgresql://host/app)"])
        # One driver for threads and coroutines.
        self.sync_url = self.async_url = url.set(drivername="postgresql+psycopg")
        if url.password:
            keep_secret([str(url.password)])

    def place(self) -> str:
        """`host:port/database`."""
        known = self._parameters()
        host, port = known.get("host", "localhost"), known.get("port")
        return f"{host}:{port}/{known['dbname']}" if port else f"{host}/{known['dbname']}"

    def engine_options(self) -> dict[str, Any]:
        """What connections begin with. What the URL says wins."""
        ours = {
            "application_name": PROJECT_SLUG,
            "connect_timeout": settings.DATABASE_CONNECT_TIMEOUT_SECONDS,
            "keepalives_idle": DEAD_SECONDS // 2,
            "keepalives_interval": DEAD_SECONDS // 4,
            "keepalives_count": 2,
            "tcp_user_timeout": DEAD_SECONDS * 1000,
        }
        return {
            "pool_recycle": settings.DATABASE_POOL_RECYCLE_SECONDS,
            "connect_args": {k: v for k, v in ours.items() if k not in self.sync_url.query},
        }

    def _parameters(self) -> dict[str, Any]:
        """What libpq wants, as the URL says it."""
        return PGDialect_psycopg().create_connect_args(self.sync_url)[1]

    def prepare_connection(self, connection: Any) -> None:
        """Times are read in UTC, nothing runs for ever, and the dead let go of their locks.

        Not as options when it connects, for poolers between us and the server refuse those.
        """
        ours = {
            "TimeZone": "UTC",
            "statement_timeout": round(settings.DATABASE_STATEMENT_TIMEOUT_SECONDS * 1000),
            "tcp_keepalives_idle": DEAD_SECONDS // 2,
            "tcp_keepalives_interval": DEAD_SECONDS // 4,
            "tcp_keepalives_count": 2,
        }
        given = str(self.sync_url.query.get("options", ""))
        wanted = [f"set_config('{n}', '{v}', false)" for n, v in ours.items() if n not in given]
        before = connection.autocommit
        # A transaction that is rolled back would take them along.
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f"SELECT {', '.join(wanted)}")
        cursor.close()
        connection.autocommit = before

    def prepare_coroutines(self, engine: AsyncEngine) -> None:
        """A server lets many write at once."""

    @contextmanager
    def alone(self, connection: Connection) -> Generator[None]:
        """A lock for the transaction; changes of tables are part of it."""
        try:
            with connection.begin():
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                connection.execute(_LOCK, {"name": "migrations"})
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{TABLE_WAIT_SECONDS}s'")
                yield
        except OperationalError as error:
            if not isinstance(error.orig, psycopg.errors.LockNotAvailable):
                raise
            raise AppError(
                f"Somebody has kept a table locked for {TABLE_WAIT_SECONDS} s, so nothing has "
                "changed. Try again when less is going on."
            ) from error

    @contextmanager
    def hold(self, name: str) -> Generator[Callable[[], bool]]:
        """An advisory lock: for all hosts that use this database, as long as the connection is."""
        arguments = self._parameters() | self.engine_options()["connect_args"]
        with closing(psycopg.connect(**arguments, autocommit=True)) as connection:
            self.prepare_connection(connection)
            statement = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
            row = connection.execute(statement, [name]).fetchone()
            is_ours = row is not None and bool(row[0])

            def ask() -> bool:
                try:
                    # A server that has lost the connection has given the lock away.
                    return is_ours and connection.execute("SELECT 1") is not None
                except psycopg.Error:
                    connection.close()
                    return False

            yield ask

    @contextmanager
    def snapshot(self, connection: Connection) -> Generator[None]:
        """As of the first statement."""
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            yield

    @contextmanager
    def deferring(
        self, connection: Connection, constraints: Iterable[ForeignKeyConstraint]
    ) -> Generator[None]:
        """Let references be checked at the end, which needs no rights but the owner's."""
        quote = connection.dialect.identifier_preparer
        altering = [
            f"ALTER TABLE {quote.format_table(c.table)} "
            f"ALTER CONSTRAINT {quote.format_constraint(c)}"
            for c in constraints
            if not c.deferrable
        ]
        for alter in altering:
            connection.exec_driver_sql(f"{alter} DEFERRABLE")
        connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
        yield
        # Checks what has been put off.
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        for alter in altering:
            connection.exec_driver_sql(f"{alter} NOT DEFERRABLE")

    def after_copy(self, connection: Connection, table: Table) -> None:
        """Set the sequences behind the largest numbers."""
        name = connection.dialect.identifier_preparer.format_table(table)
        for column in table.primary_key.columns:
            query = text("SELECT pg_get_serial_sequence(:table, :column)")
            values = {"table": name, "column": column.name}
            sequence = connection.execute(query, values).scalar_one()
            if sequence is not None:
                quoted = connection.dialect.identifier_preparer.format_column(column)
                connection.execute(
                    text(f"SELECT setval(:sequence, max({quoted})) FROM {name}"),  # noqa: S608
                    {"sequence": sequence},
                )

    def must_exist(self) -> None:
        """Whoever connects hears of it."""

    def is_outage(self, error: BaseException) -> bool:
        """What happens to the server: no connection, too many of them, a restart, a timeout."""
        return isinstance(error, psycopg.OperationalError)

    def storage_problem(self, error: BaseException) -> str | None:
        """The server's disk is full."""
        if isinstance(error, psycopg.errors.DiskFull):
            return f"The disk of {self.title} at {self.place()} is full"
        return None

    def folder(self) -> None:
        """The server watches its disk."""

    def condition(self, connection: Connection) -> Condition:
        """How many connections the server has; a full one turns newcomers away."""
        used, most = connection.execute(_CONNECTIONS).one()
        details: dict[str, str | int | float] = {"connections": used, "max_connections": most}
        if used * 100 >= most * FULL_PERCENT:
            return Condition(details, f"{used} of {most} connections are in use")
        return Condition(details)

    def version(self, connection: Connection) -> str:
        """The version of the server."""
        shown = connection.exec_driver_sql("SHOW server_version").scalar_one()
        return str(shown).partition(" ")[0]

    def size(self, connection: Connection) -> int:
        """Tables and indexes."""
        query = "SELECT pg_database_size(current_database())"
        return int(connection.exec_driver_sql(query).scalar_one())

    def tables(self, connection: Connection) -> list[str]:
        """All of them."""
        return sorted(inspect(connection).get_table_names())

    def rows(self, connection: Connection, table: str) -> Rows:
        """Count small tables; of large ones believe the statistics."""
        quoted = connection.dialect.identifier_preparer.quote(table)
        guess = connection.execute(_ESTIMATE, {"table": quoted}).scalar_one()
        if guess > COUNTED_ROWS:
            return Rows(int(guess), Precision.ABOUT)
        limited = f"SELECT 1 FROM {quoted} LIMIT {COUNTED_ROWS + 1}"  # noqa: S608
        counting = f"SELECT count(*) FROM ({limited}) AS limited"  # noqa: S608
        count = connection.exec_driver_sql(counting).scalar_one()
        if count > COUNTED_ROWS:
            return Rows(COUNTED_ROWS, Precision.AT_LEAST)
        return Rows(count, Precision.EXACT)

    def copy_to(self, path: Path) -> None:
        """Let pg_dump write it, compressed."""
        postgres_tools.dump(self._connection(), path)

    def verify(self, path: Path) -> None:
        """Let pg_restore read it to its end."""
        postgres_tools.read(path)

    def restore_from(self, path: Path) -> None:
        """Replace everything in one transaction: whoever reads sees old or new."""
        postgres_tools.restore(self._connection(), path)

    def _connection(self) -> postgres_tools.Target:
        known = self._parameters()
        password = cast("str | None", known.pop("password", None))
        return postgres_tools.Target(make_conninfo(**known), password)


_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_ESTIMATE = text("SELECT reltuples FROM pg_class WHERE oid = CAST(:table AS regclass)")
_CONNECTIONS = text(
    "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'), "
    "current_setting('max_connections')::int"
)

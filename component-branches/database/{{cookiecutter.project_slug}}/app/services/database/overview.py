"""What is in the database."""

import time
from dataclasses import dataclass

from app.core.db import current_database
from app.core.db.dialect import Precision
from app.core.db.migrations import Migration, status
from app.core.formatting import number


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table and how many rows it has."""

    name: str
    rows: int
    precision: Precision

    @property
    def text(self) -> str:
        """The rows for people."""
        rows = number(self.rows)
        return rows if self.precision is Precision.EXACT else f"{self.precision.value} {rows}"


@dataclass(frozen=True, slots=True)
class Overview:
    """The database at one moment."""

    system: str
    place: str
    ping_ms: float
    size_bytes: int
    tables: list[TableInfo]
    migrations: list[Migration]
    missing: list[str]

    @property
    def pending(self) -> list[Migration]:
        """Migrations that the database lacks."""
        return [migration for migration in self.migrations if not migration.is_applied]


def read_overview() -> Overview:
    """Look at everything. Counts rows, so it is not for every second."""
    database = current_database()
    dialect = database.dialect
    with database.engine.connect() as connection:
        started = time.perf_counter()
        connection.exec_driver_sql("SELECT 1")
        ping_ms = round((time.perf_counter() - started) * 1000, 2)
        tables = []
        for name in dialect.tables(connection):
            rows = dialect.rows(connection, name)
            tables.append(TableInfo(name, rows.count, rows.precision))
        system = f"{dialect.title} {dialect.version(connection)}"
        size = dialect.size(connection)
    migrations = status()
    return Overview(
        system, dialect.place(), ping_ms, size, tables, migrations.migrations, migrations.missing
    )

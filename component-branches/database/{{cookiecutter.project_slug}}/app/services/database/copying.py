"""Copies all rows from another database, for the day on which a project moves.

Tables are not copied: the migrations have made them. So the copy has the types and constraints of
the system that it moves to, whichever system it comes from.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    LargeBinary,
    MetaData,
    NullPool,
    Table,
    TableClause,
    column,
    func,
    inspect,
    select,
    table,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import sort_tables_and_constraints
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel

from app.core.db import Database, current_database, use_database
from app.core.db.migrations import BOOKKEEPING, NewerDatabaseError, status
from app.core.errors import AppError, ConflictError
from app.core.redaction import redact

BATCH_ROWS = 1000
BATCH_BYTES = 4 * 2**20
LARGE_ROWS = 10
"""How many rows with binary values are read at once: each may take megabytes."""


class RawJson(str):
    """JSON as it is stored. Reading it would lose `null`, long numbers and the order of keys."""

    __slots__ = ()


class CopyEnd(Database):
    """A database as one end of a copy: one connection, and JSON is left as it is."""

    def options(self) -> dict[str, Any]:
        """What its engine is made with."""
        return self.dialect.engine_options() | {
            "poolclass": NullPool,
            # No error repeats a row.
            "hide_parameters": True,
            "json_deserializer": _read_json,
            "json_serializer": str,
        }


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What came, and what stayed behind."""

    rows: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    """Tables and columns that no migration of this project makes."""


def copy_from(
    url: str, *, replace: bool = False, on_table: Callable[[str, int], None] | None = None
) -> CopyReport:
    """Copy all rows into the current database, all or nothing.

    Args:
        url: The database to copy; it is only read, and others may go on to write.
        replace: Remove what the current database holds.
        on_table: Called after each table, with its name and the number of its rows.

    Raises:
        ConflictError: The current database holds rows already.
        AppError: The two do not fit, or a value does not.
    """
    from app.models import load_models

    load_models()
    place = current_database().dialect
    with closing(CopyEnd(url)) as source, closing(CopyEnd(_url(current_database()))) as target:
        if source.dialect.sync_url == target.dialect.sync_url:
            raise AppError("DATABASE_URL is that database itself.")
        source.dialect.must_exist()
        _check_migrations(source)
        with (
            source.engine.connect() as reading,
            target.engine.connect() as writing,
            source.dialect.snapshot(reading),
            place.alone(writing),
        ):
            report = _Copy(source, target, reading, writing).run(replace, on_table)
        with target.engine.connect() as connection:
            # Plans of queries come from statistics, and there are none yet.
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
    return report


class _Copy:
    """One copy, while both databases are open."""

    def __init__(
        self, source: Database, target: Database, reading: Connection, writing: Connection
    ) -> None:
        self.source = source.dialect
        self.target = target.dialect
        self.reading = reading
        self.writing = writing
        self.dialects = (reading.dialect, writing.dialect)

    def run(self, replace: bool, on_table: Callable[[str, int], None] | None) -> CopyReport:
        """Copy table by table, those first that others refer to."""
        found = MetaData()
        found.reflect(bind=self.writing, only=self.target.tables(self.writing))
        mine = [t for name, t in found.tables.items() if name not in BOOKKEEPING]
        *in_order, (_, circular) = sort_tables_and_constraints(mine)
        ordered = [table for table, _ in in_order if table is not None]
        to_itself = [
            constraint
            for table in ordered
            for constraint in table.foreign_key_constraints
            if constraint.referred_table is table
        ]
        self._empty(ordered, replace)
        theirs = {
            name: {c["name"] for c in inspect(self.reading).get_columns(name)}
            for name in self.source.tables(self.reading)
            if name not in BOOKKEEPING
        }
        report = CopyReport(left=self._left(theirs, found))
        with self.target.deferring(self.writing, [*circular, *to_itself]):
            for table in ordered:
                if table.name not in theirs:
                    continue
                report.rows[table.name] = self._copy_table(table, theirs[table.name])
                if on_table is not None:
                    on_table(table.name, report.rows[table.name])
        return report

    def _empty(self, tables: Sequence[Table], replace: bool) -> None:
        """Begin with empty tables, whose rows may go only when the caller says so."""
        filled = [t for t in tables if self.writing.execute(select(1).select_from(t)).first()]
        if filled and not replace:
            names = ", ".join(sorted(t.name for t in filled))
            raise ConflictError(f"The database holds rows already, in: {names}.")
        constraints = chain.from_iterable(t.foreign_key_constraints for t in filled)
        with self.target.deferring(self.writing, list(constraints)):
            for table in reversed(filled):
                self.writing.execute(table.delete())

    def _left(self, theirs: dict[str, set[str]], found: MetaData) -> list[str]:
        """What has no place here."""
        left = []
        for name, columns in sorted(theirs.items()):
            if name not in found.tables:
                count = self._count(self.reading, table(name))
                left.append(f"{name} ({count:,} rows)")
            else:
                missing = sorted(columns - set(found.tables[name].columns.keys()))
                left += [f"{name}.{column}" for column in missing]
        return left

    def _copy_table(self, into: Table, theirs: set[str]) -> int:
        """Copy the rows of a table; say how many they are."""
        plain = self._plain(into, theirs)
        try:
            with closing(self._read(plain)) as rows:
                for batch in _batches(rows):
                    self.writing.execute(plain.insert(), batch)
            self.target.after_copy(self.writing, into)
            counts = self._count(self.reading, plain), self._count(self.writing, plain)
        except (SQLAlchemyError, LookupError, ValueError, TypeError) as error:
            lines = str(getattr(error, "orig", None) or error).strip().splitlines()
            text = redact(f"{into.name}: {' '.join(lines[:2])}")
            raise AppError(f"{text}\nNothing has been copied.") from error
        if counts[0] != counts[1]:
            raise AppError(
                f"{into.name}: {counts[0]:,} rows became {counts[1]:,}. Nothing has been copied."
            )
        return counts[1]

    def _plain(self, into: Table, theirs: set[str]) -> TableClause:
        """The table without defaults and the like: only what is stored."""
        model = SQLModel.metadata.tables.get(into.name)
        columns = [
            column(c.name, self._type(c.type if model is None else model.c.get(c.name, c).type))
            for c in into.columns
            if c.name in theirs and c.computed is None
        ]
        return table(into.name, *columns)

    def _type(self, declared: TypeEngine[Any]) -> TypeEngine[Any]:
        """The type that reads and writes a value: the model's, for both systems know it."""
        stored = [declared, declared]
        if isinstance(declared, TypeDecorator):
            stored = [declared.load_dialect_impl(dialect) for dialect in self.dialects]
        if all(isinstance(kind, JSON) for kind in stored):
            return JSON(none_as_null=True)
        return declared

    def _read(self, plain: TableClause) -> Generator[dict[str, Any]]:
        large = any(isinstance(c.type, LargeBinary) for c in plain.columns)
        options = {"yield_per": LARGE_ROWS if large else BATCH_ROWS}
        with self.reading.execute(select(plain), execution_options=options) as result:
            names = list(result.keys())
            for row in result:
                yield dict(zip(names, row, strict=True))

    def _count(self, connection: Connection, plain: TableClause) -> int:
        return connection.execute(select(func.count()).select_from(plain)).scalar_one()


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """As many rows as fit into memory without thinking about it."""
    batch: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(v) for v in row.values() if isinstance(v, (str, bytes)))
        if len(batch) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _check_migrations(source: Database) -> None:
    """Both must have all migrations, so that every table has a place."""
    here = status()
    with use_database(source):
        there = status()
    for found in (here, there):
        if found.missing:
            raise NewerDatabaseError(found.missing)
    if here.pending:
        raise AppError("Apply the pending migrations first: make migrate")
    if there.pending:
        names = ", ".join(m.revision for m in there.pending)
        raise AppError(
            f"The database at {source.dialect.place()} lacks migrations: {names}. "
            "Apply them there first, with DATABASE_URL set to it: make migrate"
        )


def _url(database: Database) -> str:
    return database.dialect.sync_url.render_as_string(hide_password=False)


def _read_json(text: str | bytes) -> RawJson:
    return RawJson(text.decode() if isinstance(text, bytes) else text)

"""A database moves: every row arrives as it was, or nothing does."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum as PythonEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, UTCDateTime
from typer.testing import CliRunner

from app.cli.commands import build_cli
from app.core.db import Database, use_database
from app.core.db.migrations import scripts, upgrade
from app.core.errors import AppError, ConflictError
from app.services.database.copying import CopyReport, copy_from
from tests.database.support import MigrationFolder
from tests.fixtures.database import Databases


class Colour(PythonEnum):
    RED = "red"
    BLUE = "blue"


samples = sa.MetaData()
team = sa.Table(
    "sample_team",
    samples,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("lead_id", sa.ForeignKey("sample_person.id", name="fk_lead", use_alter=True)),
)
person = sa.Table(
    "sample_person",
    samples,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("team_id", sa.ForeignKey("sample_team.id", name="fk_team"), nullable=False),
    sa.Column("boss_id", sa.ForeignKey("sample_person.id", name="fk_boss")),
)
value = sa.Table(
    "sample_value",
    samples,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("flag", sa.Boolean),
    sa.Column("at", UTCDateTime()),
    sa.Column("local", sa.DateTime()),
    sa.Column("day", sa.Date),
    sa.Column("span", sa.Interval),
    sa.Column("price", sa.Numeric(12, 2)),
    sa.Column("ratio", sa.Float),
    sa.Column("data", sa.JSON),
    sa.Column("colour", sa.Enum(Colour, native_enum=False, length=64)),
    sa.Column("key", sa.Uuid),
    sa.Column("blob", sa.LargeBinary),
    sa.Column("Quoted Name", sa.Text, default="must not be used"),
)
# No model knows this one, only a migration.
plain = sa.Table(
    "sample_plain",
    sa.MetaData(),
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True)),
    sa.Column("flag", sa.Boolean),
    sa.Column("data", sa.JSON),
    sa.Column("colour", sa.Enum("RED", "BLUE", name="sample_colour")),
)
BLOB = bytes(range(256)) * 8192
ROWS: list[dict[str, Any]] = [
    {
        "id": 7,
        "flag": True,
        "at": datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=5))),
        "local": datetime(2026, 3, 1, 12, 0, 0, 123456),
        "day": datetime(2026, 3, 1).date(),
        "span": timedelta(days=3, microseconds=5),
        "price": Decimal("1234567.89"),
        "ratio": 0.1,
        "data": {"b": [1, None, "ü"], "a": {"deep": 1.5}},
        "colour": Colour.BLUE,
        "key": UUID(int=5),
        "blob": BLOB,
        "Quoted Name": 'a "quoted"\n\t\\ and ünïcode',
    },
    {"id": 8, "flag": False, "data": sa.JSON.NULL, "blob": b""},
    {"id": 9, "data": sa.null(), "Quoted Name": None},
]


@pytest.fixture
def systems(databases: Databases) -> tuple[Databases, Databases]:
    """On which systems the old and the new database are."""
    return databases, databases


@pytest.fixture
def ends(
    systems: tuple[Databases, Databases], folder: MigrationFolder, tmp_path: Path
) -> Iterator[tuple[Database, Database]]:
    """An old database and a new one, both migrated; the new one is that of the settings."""
    module = "from tests.database.test_copying import plain, samples as s; "
    body = "s.create_all(op.get_bind()); plain.create(op.get_bind())"
    folder.add("app", "1a2b", "samples", body=module + body)
    for table in samples.tables.values():
        table.to_metadata(SQLModel.metadata)
    old_folder, new_folder = tmp_path / "old", tmp_path / "new"
    old, new = systems[0].empty(old_folder), systems[1].empty(new_folder)
    try:
        for database in (old, new):
            with use_database(database):
                upgrade()
        with use_database(new):
            yield old, new
    finally:
        for name in samples.tables:
            SQLModel.metadata.remove(SQLModel.metadata.tables[name])
        systems[0].discard(old)
        systems[1].discard(new)


def url(database: Database) -> str:
    return database.dialect.sync_url.render_as_string(hide_password=False)


def fill(database: Database) -> None:
    with database.engine.connect() as connection, database.dialect.alone(connection):
        tables = sa.MetaData()
        tables.reflect(bind=connection)
        keys = [
            key
            for table in tables.tables.values()
            for key in table.foreign_key_constraints
            if table.name.startswith("sample")
        ]
        with database.dialect.deferring(connection, keys):
            for number in range(1, 4):
                connection.execute(team.insert().values(id=number, lead_id=number))
                boss = number % 3 + 1
                connection.execute(person.insert().values(id=number, team_id=number, boss_id=boss))
        for row in ROWS:
            connection.execute(value.insert().values({"Quoted Name": None} | row))
        day = datetime(2026, 1, 1, tzinfo=UTC)
        row = {"name": "a", "at": day, "flag": True, "data": [1], "colour": "BLUE"}
        connection.execute(plain.insert(), row)


def read(database: Database, table: sa.Table) -> list[dict[str, Any]]:
    with database.engine.connect() as connection:
        rows = connection.execute(sa.select(table).order_by(*table.primary_key.columns))
        return [dict(row) for row in rows.mappings()]


def count(database: Database, where: sa.ColumnElement[bool]) -> int:
    with database.engine.connect() as connection:
        return connection.execute(
            sa.select(sa.func.count()).select_from(value).where(where)
        ).scalar_one()


def test_every_value_arrives_as_it_was(ends: tuple[Database, Database]) -> None:
    old, new = ends
    fill(old)
    report = copy_from(url(old))
    assert report.rows == {
        "sample_team": 3,
        "sample_person": 3,
        "sample_value": 3,
        "sample_plain": 1,
    }
    assert report.left == []
    for table in (team, person, value):
        assert read(new, table) == read(old, table)
    [arrived] = read(new, plain)
    assert arrived["at"].replace(tzinfo=UTC) == datetime(2026, 1, 1, tzinfo=UTC)
    assert (arrived["flag"], arrived["data"], arrived["colour"]) == (True, [1], "BLUE")
    first = read(new, value)[0]
    assert first["blob"] == BLOB
    assert first["at"] == ROWS[0]["at"]
    # JSON's null is not the database's.
    assert count(new, value.c.data.is_(None)) == 1


def test_new_rows_get_new_numbers(ends: tuple[Database, Database]) -> None:
    old, new = ends
    fill(old)
    copy_from(url(old))
    with new.engine.begin() as connection:
        made = connection.execute(value.insert().values(flag=True)).inserted_primary_key
        assert made is not None
        assert made[0] == 10
        made = connection.execute(team.insert().values(lead_id=1)).inserted_primary_key
        assert made is not None
        assert made[0] == 4


def test_references_hold_afterwards(ends: tuple[Database, Database]) -> None:
    old, new = ends
    fill(old)
    copy_from(url(old))
    with pytest.raises(IntegrityError), new.engine.begin() as connection:
        connection.execute(person.insert().values(team_id=1, boss_id=99))


def test_an_empty_database_can_be_copied(ends: tuple[Database, Database]) -> None:
    old, new = ends
    assert sum(copy_from(url(old)).rows.values()) == 0
    with new.engine.begin() as connection:
        made = connection.execute(value.insert().values(flag=True)).inserted_primary_key
    assert made is not None
    assert made[0] == 1


def test_rows_that_are_there_are_not_touched_unless_asked(
    ends: tuple[Database, Database],
) -> None:
    old, new = ends
    fill(old)
    copy_from(url(old))
    with pytest.raises(ConflictError, match="sample_value"):
        copy_from(url(old))
    with new.engine.begin() as connection:
        connection.execute(value.delete().where(value.c.id == 7))
    copy_from(url(old), replace=True)
    assert len(read(new, value)) == 3


def test_what_has_no_place_is_named(ends: tuple[Database, Database]) -> None:
    old, _ = ends
    with old.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE old_thing (id INTEGER)")
        connection.exec_driver_sql("INSERT INTO old_thing VALUES (1), (2)")
        connection.exec_driver_sql("ALTER TABLE sample_value ADD COLUMN more INTEGER")
    assert copy_from(url(old)).left == ["old_thing (2 rows)", "sample_value.more"]


def test_nothing_arrives_when_one_value_does_not_fit(
    ends: tuple[Database, Database],
) -> None:
    old, new = ends
    fill(old)
    with old.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE sample_value SET colour = 'GREEN' WHERE id = 8")
    with pytest.raises(AppError, match=r"sample_value: .*GREEN"):
        copy_from(url(old))
    for table in (team, person, value, plain):
        assert read(new, table) == []


def test_both_must_have_all_migrations(
    ends: tuple[Database, Database], folder: MigrationFolder
) -> None:
    old, _ = ends
    folder.add("app", "3c4d", "later", down="1a2b")
    with pytest.raises(AppError, match="make migrate"):
        copy_from(url(old))
    upgrade()
    with pytest.raises(AppError, match="lacks migrations: 3c4d"):
        copy_from(url(old))
    with use_database(old):
        upgrade()
    assert isinstance(copy_from(url(old)), CopyReport)
    scripts.cache_clear()


def test_it_copies_while_others_write(ends: tuple[Database, Database]) -> None:
    old, new = ends
    fill(old)

    def write(name: str, rows: int) -> None:
        with old.engine.begin() as connection:
            connection.execute(value.insert().values(flag=True))

    report = copy_from(url(old), on_table=write)
    # What comes later is not there, and does not make the counts differ.
    assert report.rows["sample_value"] == 3
    assert len(read(new, value)) == 3
    assert len(read(old, value)) == 7


def test_a_database_is_not_copied_into_itself(ends: tuple[Database, Database]) -> None:
    _, new = ends
    with pytest.raises(AppError, match="itself"):
        copy_from(url(new))


def test_looking_for_a_database_makes_none(tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    with pytest.raises(AppError, match="no database"):
        copy_from(f"sqlite:///{missing}")
    assert not missing.exists()


def test_the_command_line_tells_what_came(ends: tuple[Database, Database]) -> None:
    old, _ = ends
    fill(old)
    result = CliRunner().invoke(build_cli(), ["db", "copy-from", url(old)])
    assert result.exit_code == 0, result.output
    assert "10  rows in 4 tables" in result.output

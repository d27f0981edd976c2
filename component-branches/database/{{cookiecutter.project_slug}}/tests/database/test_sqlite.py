"""What only SQLite needs."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from app.components.backend.api.session import SessionDep
from app.core.db import Database
from app.core.db.dialect import Precision
from app.core.db.migrations import upgrade
from app.core.db.outage import is_outage
from app.core.errors import AppError
from app.services.database import TableInfo
from tests.database.support import MigrationFolder, tables
from tests.fixtures.database import Databases


@pytest.fixture(scope="session")
def databases(sqlite_databases: Databases) -> Databases:
    """SQLite, whatever the other tests run on."""
    return sqlite_databases


@pytest.mark.parametrize(
    ("pragma", "expected"), [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 1)]
)
async def test_connections_are_prepared(tmp_path: Path, pragma: str, expected: object) -> None:
    database = Database(f"sqlite:///{tmp_path / 'app.db'}")
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == expected
    async with database.async_engine.connect() as connection:
        result = await connection.exec_driver_sql(f"PRAGMA {pragma}")
        assert result.scalar_one() == expected
    await database.aclose()


def test_foreign_keys_hold_after_a_migration(folder: MigrationFolder, database: Database) -> None:
    folder.add("app", "1a2b", "order")
    upgrade()
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_a_migration_that_breaks_references_is_refused(folder: MigrationFolder) -> None:
    body = (
        'op.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)"); '
        'op.execute("CREATE TABLE child (id INTEGER REFERENCES parent (id))"); '
        'op.execute("INSERT INTO child VALUES (1)")'
    )
    folder.add("app", "1a2b", "parent", body=body)
    with pytest.raises(AppError, match="child"):
        upgrade()
    assert tables() == set()


def test_a_copy_is_one_file_and_a_restored_database_has_its_log(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "copy.db"
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE note (body TEXT)")
    database.dialect.copy_to(path)
    with closing(sqlite3.connect(path)) as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    database.dialect.restore_from(path)
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"


def test_a_locked_database_is_an_outage_and_a_wrong_statement_is_not(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.engine.connect() as writer, database.engine.connect() as other:
        writer.exec_driver_sql("BEGIN IMMEDIATE")
        other.exec_driver_sql("PRAGMA busy_timeout=1")
        with pytest.raises(OperationalError) as busy:
            other.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError) as wrong:
            other.exec_driver_sql("SELECT * FROM nothing")
    assert is_outage(busy.value)
    assert not is_outage(wrong.value)


def test_a_request_during_an_outage_is_answered_by_503(app: FastAPI, database: Database) -> None:
    @app.post("/busy")
    def write(session: SessionDep) -> None:
        connection = session.connection()
        connection.exec_driver_sql("PRAGMA busy_timeout=1")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @app.post("/wrong")
    def ask(session: SessionDep) -> None:
        session.connection().exec_driver_sql("SELECT * FROM nothing")

    with TestClient(app) as client, database.engine.connect() as writer:
        writer.exec_driver_sql("BEGIN IMMEDIATE")
        answer = client.post("/busy")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["detail"] == "The database does not answer. Try again in a moment."
        assert client.post("/wrong").status_code == 500


def test_a_large_table_is_not_counted(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.db.sqlite.COUNTED_ROWS", 3)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE note (body TEXT)")
        connection.exec_driver_sql("INSERT INTO note VALUES (1), (2), (3), (4)")
        found = database.dialect.rows(connection, "note")
    assert TableInfo("note", *found) == TableInfo("note", 3, Precision.AT_LEAST)
    assert TableInfo("note", *found).text == "at least 3"


def test_an_index_of_texts_is_no_table_of_its_own(database: Database) -> None:
    """It has tables that nobody may write to, and that no model describes."""
    if database.dialect.title != "SQLite":
        pytest.skip("SQLite's own")
    with database.engine.connect() as connection:
        before = database.dialect.tables(connection)
        connection.exec_driver_sql("CREATE VIRTUAL TABLE found USING fts5(body)")
        connection.exec_driver_sql("CREATE TABLE one_more (id INTEGER PRIMARY KEY)")
        assert set(database.dialect.tables(connection)) == {*before, "one_more"}
        connection.rollback()

"""What only SQLite needs."""

import asyncio
import sqlite3
from collections.abc import Coroutine, Generator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from types import coroutine
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from app.components.backend.api.session import SessionDep
from app.core.config import settings
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


def test_foreign_keys_hold_after_a_migration(
    folder: MigrationFolder, empty_database: Database
) -> None:
    folder.add("app", "1a2b", "order")
    upgrade()
    with empty_database.engine.connect() as connection:
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


@pytest.mark.usefixtures("notes")
def test_a_copy_is_one_file_and_a_restored_database_has_its_log(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "copy.db"
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


@pytest.mark.usefixtures("notes")
async def test_of_many_coroutines_that_write_at_once_none_is_turned_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes some turns of a busy event loop; together that is longer than one waits."""
    patient(monkeypatch, 2)

    async def write(number: int) -> None:
        async with database.async_engine.begin() as connection:
            await connection.exec_driver_sql("INSERT INTO note VALUES (?)", (number,))
            await asyncio.sleep(0.06)
            await connection.exec_driver_sql("UPDATE note SET body = body + 1")

    await asyncio.gather(*map(write, range(50)))
    async with database.async_engine.connect() as connection:
        found = await connection.exec_driver_sql("SELECT count(*) FROM note")
        assert found.scalar_one() == 50


@pytest.mark.usefixtures("notes")
async def test_who_waits_for_somebody_that_does_not_end_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient(monkeypatch, 0.05)
    insert = "INSERT INTO note VALUES (1)"
    async with database.async_engine.begin() as first:
        await first.exec_driver_sql(insert)
        with pytest.raises(OperationalError, match="locked"):
            async with database.async_engine.begin() as second:
                await second.exec_driver_sql(insert)
        waiting = asyncio.create_task(_insert_and_fail(database, insert))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
    # Neither an end by an error nor one by cancelling keeps the turn.
    with pytest.raises(ZeroDivisionError):
        await _insert_and_fail(database, insert)
    async with database.async_engine.begin() as last:
        await last.exec_driver_sql(insert)


@pytest.mark.usefixtures("notes")
@pytest.mark.parametrize("late", [False, True])
async def test_who_is_cancelled_stays_cancelled_and_keeps_nobody_waiting(
    database: Database, late: bool
) -> None:
    """Wherever it is: what comes in place of a cancellation would be taken for a failure."""

    async def write() -> None:
        async with database.async_session() as session:
            connection = await session.connection()
            await connection.exec_driver_sql("SELECT * FROM note")
            await connection.exec_driver_sql("INSERT INTO note VALUES (1)")
            await session.commit()

    async def write_cancelled(moment: int) -> None:
        await cancelled(write(), moment, late)

    for moment in count():
        writing = asyncio.create_task(write_cancelled(moment))
        await asyncio.wait({writing})
        assert writing.cancelled() or writing.exception() is None
        if not writing.cancelling():
            break
        await asyncio.wait_for(write(), 30)
    assert moment >= 5, "It waits for a connection, for each statement and for its end."


@coroutine
def cancelled(work: Coroutine[Any, Any, None], moment: int, late: bool) -> Generator[Any]:
    """Do some work; cancel it as it waits for the n-th time, or (`late`) when that is over and it has not gone on."""
    task = asyncio.current_task()
    assert task is not None
    go_on = partial(work.send, None)
    for number in count():
        try:
            waited = go_on()
        except StopIteration:
            return
        if number == moment and late:
            waited.add_done_callback(lambda _: task.cancel())
        elif number == moment:
            task.cancel()
        try:
            yield waited
            go_on = partial(work.send, None)
        except BaseException as error:
            go_on = partial(work.throw, error)


def patient(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let engines that are made from now on wait so long for a lock."""
    changed = settings.model_copy(update={"DATABASE_BUSY_TIMEOUT_SECONDS": seconds})
    monkeypatch.setattr("app.core.db.sqlite.settings", changed)


async def _insert_and_fail(database: Database, insert: str) -> None:
    async with database.async_engine.begin() as connection:
        await connection.exec_driver_sql(insert)
        raise ZeroDivisionError


@pytest.mark.usefixtures("notes")
def test_a_large_table_is_not_counted(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.db.sqlite.COUNTED_ROWS", 3)
    with database.engine.begin() as connection:
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

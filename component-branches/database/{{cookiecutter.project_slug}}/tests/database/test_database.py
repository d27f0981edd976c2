"""Sessions, settings of the connections, and the health check."""

import threading
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.components.backend.api.session import AsyncSessionDep, SessionDep
from app.core.config import Settings, settings
from app.core.db import Database, async_db_session, current_database, db_session, use_database
from app.core.errors import ConfigurationError
from app.services.database import read_overview
from app.services.database.health import check_database
from app.services.system import State


@pytest.fixture
def notes(database: Database) -> None:
    """A table without a model."""
    with db_session() as session:
        session.connection().execute(text("CREATE TABLE note (body TEXT NOT NULL)"))


def bodies() -> list[str]:
    with db_session() as session:
        return [row[0] for row in session.connection().execute(text("SELECT body FROM note"))]


def insert(session: Session, body: str | None) -> None:
    session.connection().execute(text("INSERT INTO note VALUES (:body)"), {"body": body})


def test_a_block_commits_at_its_end(notes: None) -> None:
    with db_session() as session:
        insert(session, "kept")
    assert bodies() == ["kept"]


def test_an_exception_rolls_back(notes: None) -> None:
    def fail() -> None:
        with db_session() as session:
            insert(session, "lost")
            insert(session, None)

    with pytest.raises(IntegrityError):
        fail()
    assert bodies() == []


async def test_a_session_of_a_coroutine_leaves_nothing_open() -> None:
    async with async_db_session() as session:
        await session.connection()


async def test_coroutines_have_sessions_of_their_own(notes: None) -> None:
    async with async_db_session() as session:
        connection = await session.connection()
        await connection.execute(text("INSERT INTO note VALUES ('async')"))
    await current_database().aclose()
    assert bodies() == ["async"]


@pytest.mark.parametrize(
    ("pragma", "expected"), [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 1)]
)
async def test_connections_are_prepared(database: Database, pragma: str, expected: object) -> None:
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == expected
    async with database.async_engine.connect() as connection:
        result = await connection.exec_driver_sql(f"PRAGMA {pragma}")
        assert result.scalar_one() == expected
    await database.aclose()


def test_many_writers_wait_for_each_other(notes: None) -> None:
    def write() -> None:
        for number in range(5):
            with db_session() as session:
                insert(session, str(number))

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bodies()) == 40


def test_a_failed_commit_is_no_success(app: FastAPI, notes: None) -> None:
    @app.post("/note")
    def add(session: SessionDep, body: str | None = None) -> str:
        insert(session, body)
        return "done"

    @app.post("/async-note")
    async def add_async(session: AsyncSessionDep) -> str:
        connection = await session.connection()
        await connection.execute(text("INSERT INTO note VALUES ('route')"))
        return "done"

    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.post("/note", params={"body": "one"}).status_code == 200
        assert client.post("/note").status_code == 500
        assert client.post("/async-note").status_code == 200
    assert sorted(bodies()) == ["one", "route"]


async def test_the_check_says_how_it_is_doing() -> None:
    result = await check_database()
    assert result.state is State.HEALTHY
    assert result.details["pending_migrations"] == 0
    assert "SQLite" in str(result.details["system"])


def test_the_overview_counts_rows(notes: None) -> None:
    with db_session() as session:
        insert(session, "one")
    [table] = [t for t in read_overview().tables if t.name == "note"]
    assert (table.rows, table.is_exact) == (1, True)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "oracle://host/db"])
def test_a_url_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        Database(url)


@pytest.mark.usefixtures("settings")
def test_a_url_without_a_scheme_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "data/app.db")
    with pytest.raises(ValueError, match="DATABASE_URL"):
        Settings(_env_file=None)
    monkeypatch.setenv("DATABASE_URL", "postgres://h/d")
    assert Settings(_env_file=None).DATABASE_URL == "postgresql://h/d"


def test_a_start_migrates_an_empty_database(app: FastAPI, tmp_path: Path) -> None:
    assert settings.DATABASE_MIGRATE_ON_START
    with use_database(Database(f"sqlite:///{tmp_path / 'new' / 'app.db'}")):
        with TestClient(app) as client:
            assert client.get("/health/ready").json()["components"]["database"] == "healthy"
        assert read_overview().pending == []
        current_database().close()

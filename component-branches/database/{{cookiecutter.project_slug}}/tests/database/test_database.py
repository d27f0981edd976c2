"""Settings of the connections, locks, and the health check."""

import asyncio
import threading
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.config import Settings, settings
from app.core.db import Database, db_session, lifespan, use_database
from app.core.errors import ConfigurationError, UnavailableError
from app.core.stopping import Stopping
from app.services.database import read_overview
from app.services.database.health import check_database
from app.services.system import State
from tests.database.support import bodies, insert


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


async def test_the_check_says_how_it_is_doing(database: Database) -> None:
    result = await check_database()
    assert result.state is State.HEALTHY
    assert result.details["pending_migrations"] == 0
    assert database.dialect.title in str(result.details["system"])


def test_the_overview_counts_rows(notes: None) -> None:
    with db_session() as session:
        insert(session, "one")
    [table] = [t for t in read_overview().tables if t.name == "note"]
    assert table.text == "1"


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "oracle://host/db", "postgresql://u:secret@h:x/d"]
)
def test_a_url_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL") as error:
        Database(url)
    assert "secret" not in str(error.value)


@pytest.mark.usefixtures("settings")
def test_a_url_without_a_scheme_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "data/app.db")
    with pytest.raises(ValueError, match="DATABASE_URL"):
        Settings(_env_file=None)
    monkeypatch.setenv("DATABASE_URL", "postgres://h/d")
    assert Settings(_env_file=None).DATABASE_URL == "postgresql://h/d"


@pytest.mark.usefixtures("empty_database")
def test_a_start_migrates_an_empty_database(app: FastAPI) -> None:
    assert settings.DATABASE_MIGRATE_ON_START
    with TestClient(app) as client:
        assert client.get("/health/ready").json()["components"]["database"] == "healthy"
    assert read_overview().pending == []


async def test_a_database_that_is_away_at_the_start_is_awaited_for_a_while(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked" / "app.db").mkdir()
    monkeypatch.setattr(lifespan, "START_SECONDS", 0.1)
    monkeypatch.setattr(lifespan, "RETRY_SECONDS", 0.02)
    away = Database(f"sqlite:///{tmp_path / 'locked' / 'app.db'}")
    with use_database(away), pytest.raises(UnavailableError, match=r"app.db does not answer"):
        async with lifespan.database_lifespan():
            pass

    monkeypatch.setattr(lifespan, "START_SECONDS", 30)
    with use_database(away):
        asyncio.get_running_loop().call_later(0.05, (tmp_path / "locked" / "app.db").rmdir)
        async with lifespan.database_lifespan():
            assert read_overview().pending == []


async def test_who_is_told_to_stop_waits_for_no_database(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Not at the start either, when a server does not answer: whoever stops a process waits as well."""
    stopping = Stopping()
    monkeypatch.setattr(lifespan, "stopping", stopping)
    monkeypatch.setattr(lifespan, "START_SECONDS", 600)
    (tmp_path / "app.db").mkdir()
    with use_database(Database(f"sqlite:///{tmp_path / 'app.db'}")):
        starting = asyncio.create_task(lifespan.migrate_once_it_answers())
        asyncio.get_running_loop().call_later(0.05, stopping.begin)
        async with asyncio.timeout(30):
            with pytest.raises(UnavailableError, match=r"app.db does not answer"):
                await starting


def test_a_lock_is_for_one(database: Database) -> None:
    with database.hold("test") as first, database.hold("test") as second:
        assert first()
        assert not second()
    with database.hold("test") as third:
        assert third()

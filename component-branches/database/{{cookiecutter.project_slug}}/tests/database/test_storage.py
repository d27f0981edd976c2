"""A disk that is full, or may not be written, is said as such and at once."""

import os
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from app.components.backend.api.session import SessionDep
from app.core.constants import DATA
from app.core.db import Database, lifespan, use_database
from app.core.db.outage import explain_outage
from app.core.errors import StorageError
from app.services.backup import backups, create_backup
from app.services.database.health import check
from app.services.system.models import State
from app.stack.database import folders


@pytest.fixture
def refusing(tmp_path: Path) -> Path:
    """A folder in which nothing can be made."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    found = tmp_path / "refusing"
    found.mkdir(mode=0o500)
    return found


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    """A database in a folder of its own."""
    return Database(f"sqlite:///{tmp_path / 'kept' / 'app.db'}")


async def it_waits(seconds: float) -> None:
    """For a server that starts; a disk does not."""
    raise AssertionError("It waits.")


def fill(database: Database) -> None:
    """Write until there is no room; a limit of the file stands for the disk's."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS filler (text TEXT)")
        connection.exec_driver_sql("PRAGMA max_page_count = 3")
        connection.exec_driver_sql("INSERT INTO filler VALUES (?)", ("x" * 100_000,))


def test_a_full_disk_is_no_outage_of_a_server(sqlite: Database) -> None:
    with use_database(sqlite):
        with pytest.raises(OperationalError) as error:
            fill(sqlite)
        reason = explain_outage(error.value)
        assert reason == f"The disk of the database is full: {sqlite.dialect.place()}"
    sqlite.close()


def test_a_request_that_finds_no_room_hears_so(app: FastAPI, sqlite: Database) -> None:
    @app.post("/fill")
    def write(session: SessionDep) -> None:
        fill(sqlite)

    with TestClient(app) as client, use_database(sqlite):
        answer = client.post("/fill")
    sqlite.close()
    assert answer.status_code == 503
    assert "its disk is full" in answer.json()["detail"]


async def test_a_start_does_not_wait_for_a_folder_that_refuses(
    refusing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifespan.asyncio, "sleep", it_waits)
    kept = Database(f"sqlite:///{refusing / 'kept' / 'app.db'}")
    with use_database(kept), pytest.raises(StorageError, match=f"write {refusing} .owned by uid"):
        async with lifespan.database_lifespan():
            pass


async def test_a_file_that_is_no_database_is_said_at_once(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifespan.asyncio, "sleep", it_waits)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "app.db").write_text("This is no database.\n" * 100)
    with use_database(sqlite), pytest.raises(StorageError, match="damaged, or no database"):
        async with lifespan.database_lifespan():
            pass


@pytest.mark.usefixtures("refusing")
def test_a_file_of_somebody_else_is_told(sqlite: Database, tmp_path: Path) -> None:
    with use_database(sqlite):
        sqlite.engine.connect().close()
        sqlite.close()
        (tmp_path / "kept" / "app.db").chmod(0o400)
        with pytest.raises(OperationalError) as error:
            fill(sqlite)
        assert "No permission to write" in (explain_outage(error.value) or "")
        result = check()
    sqlite.close()
    assert result.state is State.DEGRADED


def test_a_backup_says_where_it_may_not_write(
    refusing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "backup_folder", lambda: refusing / "backups")
    with pytest.raises(StorageError, match=f"No permission to write {refusing}"):
        create_backup()


def test_the_disks_of_database_and_backups_are_watched(sqlite: Database, tmp_path: Path) -> None:
    with use_database(sqlite):
        assert folders() == {"database": tmp_path / "kept", "backups": DATA / "backups"}

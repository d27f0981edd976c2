"""What only PostgreSQL needs."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from app.components.backend.api.session import SessionDep
from app.core.config import Settings
from app.core.constants import PROJECT_SLUG
from app.core.db import Database, lifespan, postgres, use_database
from app.core.db.dialect import Precision
from app.core.db.migrations import upgrade
from app.core.errors import AppError, ConfigurationError, UnavailableError
from app.services.backup import backups, create_backup, restore_backup
from app.services.database.health import check, check_database
from app.services.system import State
from app.services.system.registry import HealthRegistry
from tests.database.support import MigrationFolder, tables

AWAY = "postgresql://app:correct-horse@127.0.0.1:1/orders"


@pytest.fixture
def connection_url(database: Database) -> str:
    """The URL of the test's database, for psycopg."""
    assert database.engine
    url = database.dialect.sync_url.set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Backups go to a folder of the test."""
    path = tmp_path / "backups"
    monkeypatch.setattr(backups, "backup_folder", lambda: path)
    return path


def execute(database: Database, *statements: str) -> None:
    with database.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("TimeZone", "UTC"),
        ("statement_timeout", "1min"),
        ("application_name", PROJECT_SLUG),
    ],
)
async def test_connections_are_prepared(database: Database, setting: str, expected: str) -> None:
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql(f"SHOW {setting}").scalar_one() == expected
    async with database.async_engine.connect() as other:
        result = await other.exec_driver_sql(f"SHOW {setting}")
        assert result.scalar_one() == expected
    await database.aclose()


def test_what_the_url_says_wins(connection_url: str) -> None:
    more = "&" if "?" in connection_url else "?"
    options = "options=-c%20statement_timeout%3D7s&application_name=mine"
    database = Database(f"{connection_url}{more}{options}")
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar_one() == "7s"
        assert connection.exec_driver_sql("SHOW application_name").scalar_one() == "mine"
        assert connection.exec_driver_sql("SHOW TimeZone").scalar_one() == "UTC"
    database.close()


@pytest.mark.parametrize("driver", ["postgresql", "postgresql+asyncpg", "postgresql+psycopg2"])
def test_any_url_of_postgresql_gets_the_one_driver(driver: str) -> None:
    database = Database(f"{driver}://app:correct-horse@db.example.com:6432/orders")
    assert database.dialect.sync_url.drivername == "postgresql+psycopg"
    assert database.dialect.place() == "db.example.com:6432/orders"


def test_a_url_must_name_a_database() -> None:
    with pytest.raises(ConfigurationError, match="names no database"):
        Database("postgresql://app@localhost")


def test_a_lock_that_the_server_has_dropped_is_no_longer_ours(
    database: Database, connection_url: str
) -> None:
    held = (
        "FROM pg_locks WHERE locktype = 'advisory' "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with database.hold("test") as mine, psycopg.connect(connection_url, autocommit=True) as other:
        assert mine()
        other.execute("SELECT pg_terminate_backend(pid) " + held)
        # It says so before it lets go.
        while other.execute("SELECT 1 " + held).fetchall():
            time.sleep(0.01)
        assert not mine()
        assert not mine()
        with database.hold("test") as theirs:
            assert theirs()


def test_a_migration_that_waits_for_a_table_gives_up(
    folder: MigrationFolder, empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.add("app", "1a2b", "order")
    upgrade()
    body = """op.add_column("order", sa.Column("more", sa.Integer))"""
    folder.add("app", "3c4d", "order", down="1a2b", body=body)
    monkeypatch.setattr(postgres, "TABLE_WAIT_SECONDS", 0.1)
    with empty_database.engine.connect() as other:
        other.exec_driver_sql('LOCK TABLE "order"')
        with pytest.raises(AppError, match="nothing has changed"):
            upgrade()
    assert upgrade() == ["3c4d"]


def test_large_tables_are_estimated(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(
        database,
        'CREATE TABLE "Note" (body INTEGER)',
        'INSERT INTO "Note" SELECT generate_series(1, 5)',
    )
    monkeypatch.setattr(postgres, "COUNTED_ROWS", 3)
    with database.engine.begin() as connection:
        found = database.dialect.rows(connection, "Note")
        assert found == (3, Precision.AT_LEAST)
        connection.exec_driver_sql('ANALYZE "Note"')
        assert database.dialect.rows(connection, "Note") == (5, Precision.ABOUT)


def test_a_server_that_is_full_is_degraded(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = check()
    assert result.state is State.HEALTHY
    assert int(str(result.details["connections"])) >= 1
    monkeypatch.setattr(postgres, "FULL_PERCENT", 0)
    result = check()
    assert result.state is State.DEGRADED
    assert "connections are in use" in result.message


async def test_health_says_why_the_server_does_not_answer() -> None:
    registry = HealthRegistry()
    registry.register("database", check_database)
    with use_database(Database(AWAY)):
        result = (await registry.run())["database"]
    assert result.state is State.UNHEALTHY
    assert "PostgreSQL at 127.0.0.1:1/orders does not answer" in result.message
    assert "correct-horse" not in result.message


def test_a_request_gets_a_503_that_gives_nothing_away(app: FastAPI) -> None:
    @app.get("/orders")
    def orders(session: SessionDep) -> None:
        session.connection()

    with TestClient(app) as client, use_database(Database(AWAY)):
        answer = client.get("/orders")
    assert answer.status_code == 503
    assert "127.0.0.1" not in answer.text


async def test_a_start_without_the_server_fails_with_a_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lifespan, "START_SECONDS", 0)
    with use_database(Database(AWAY)), pytest.raises(UnavailableError) as error:
        async with lifespan.database_lifespan():
            pass
    assert "127.0.0.1:1/orders" in error.value.detail
    assert "correct-horse" not in error.value.detail


def test_production_refuses_the_password_of_development(settings: Callable[..., Settings]) -> None:
    url = "postgresql://app:change-me@postgres:5432/app"
    assert url == settings(DATABASE_URL=url).DATABASE_URL
    with pytest.raises(ValidationError, match="POSTGRES_PASSWORD"):
        settings(APP_ENV="production", DATABASE_URL=url)
    assert "SQLite" in " ".join(settings(APP_ENV="production").warnings())


ODD = "qk/3+Zp@7h:T9#x W=%?"


def test_a_password_that_stands_alone_may_have_any_characters(
    database: Database, settings: Callable[..., Settings]
) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS odd")
        connection.exec_driver_sql(f"CREATE ROLE odd LOGIN PASSWORD '{ODD.replace('%', '%%')}'")
    url = database.dialect.sync_url.set(drivername="postgresql", username="odd", password=None)
    given = settings(DATABASE_URL=url.render_as_string(), DATABASE_PASSWORD=ODD)
    made = Database(given.DATABASE_URL)
    assert made.dialect.sync_url.password == ODD
    assert made.dialect.sync_url.host == url.host
    with made.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT current_user").scalar_one() == "odd"
    made.close()
    assert "7hT9" not in repr(given)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP ROLE odd")


def test_a_url_with_a_password_needs_no_other(settings: Callable[..., Settings]) -> None:
    url = "postgresql://app:its-own@postgres:5432/app"
    assert url == settings(DATABASE_URL=url, DATABASE_PASSWORD="other").DATABASE_URL
    with pytest.raises(ValidationError, match="POSTGRES_PASSWORD"):
        settings(
            APP_ENV="production",
            DATABASE_URL="postgresql://app@postgres:5432/app",
            DATABASE_PASSWORD="change-me",
        )


def test_a_restore_brings_back_everything_and_nothing_else(database: Database, place: Path) -> None:
    execute(
        database,
        "CREATE TYPE mood AS ENUM ('good', 'bad')",
        "CREATE TABLE note (id serial PRIMARY KEY, mood mood)",
        "INSERT INTO note (mood) VALUES ('good')",
        "CREATE VIEW good AS SELECT * FROM note WHERE mood = 'good'",
        "CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA audit",
        "CREATE TABLE audit.entry (id integer)",
    )
    made = create_backup()
    execute(
        database,
        "CREATE TABLE later (id integer REFERENCES note (id), mood mood)",
        "CREATE SCHEMA latest",
        "CREATE TYPE taste AS ENUM ('sweet')",
        "CREATE VIEW more AS SELECT * FROM note",
        "ALTER TYPE mood ADD VALUE 'fair'",
        "INSERT INTO note (mood) VALUES ('bad')",
    )
    restore_backup(made.name)
    restore_backup(made.name)
    with database.engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT id, mood, one() FROM good").all()
        assert [tuple(row) for row in rows] == [(1, "good", 1)]
        query = "SELECT nspname FROM pg_namespace WHERE nspname IN ('audit', 'latest')"
        assert connection.exec_driver_sql(query).scalars().all() == ["audit"]
        types = "SELECT typname FROM pg_type WHERE typtype = 'e'"
        assert connection.exec_driver_sql(types).scalars().all() == ["mood"]
        made_next = "INSERT INTO note (mood) VALUES ('bad') RETURNING id"
        assert connection.exec_driver_sql(made_next).scalar_one() == 2
    assert "later" not in tables()


def test_a_restore_that_fails_changes_nothing(database: Database, place: Path) -> None:
    execute(
        database,
        "CREATE TABLE note AS SELECT md5(n::text) AS body FROM generate_series(1, 50000) AS n",
    )
    made = create_backup()
    execute(database, "CREATE TABLE later (id integer)")
    made.path.write_bytes(made.path.read_bytes()[: made.size_bytes * 3 // 4])
    with pytest.raises(AppError, match="damaged"):
        database.dialect.verify(made.path)
    with pytest.raises(AppError, match="Nothing was restored"):
        database.dialect.restore_from(made.path)
    assert tables() >= {"note", "later"}


def test_a_restore_waits_for_nobody_for_ever(
    database: Database, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.core.db import postgres_tools

    execute(database, "CREATE TABLE note (id integer)")
    made = create_backup()
    impatient = postgres_tools.BEGIN.replace("30s", "100ms")
    monkeypatch.setattr(postgres_tools, "BEGIN", impatient)
    with database.engine.connect() as other:
        other.exec_driver_sql("LOCK TABLE note")
        with pytest.raises(AppError, match=r"Nothing was restored: .*lock timeout"):
            database.dialect.restore_from(made.path)


def test_missing_programs_are_named(
    database: Database, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(place))
    with pytest.raises(AppError, match="postgresql-client"):
        create_backup()


def test_a_client_that_is_too_old_is_named(
    database: Database, tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text(
        "#!/bin/sh\n"
        "echo 'pg_dump: error: aborting because of server version mismatch' >&2\n"
        "echo 'pg_dump: detail: server version: 17.2; pg_dump version: 15.8' >&2\n"
        "exit 1\n",
        encoding="utf-8",
    )
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(AppError, match=r"older than the server .*17\.2.*15\.8"):
        create_backup()


def test_a_password_stands_in_no_command(
    database: Database, tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = tmp_path / "pg_dump"
    spy.write_text('#!/bin/sh\necho "$*" "PGPASSWORD=$PGPASSWORD" >&2\nexit 1\n', encoding="utf-8")
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(AppError) as error:
        Database(AWAY).dialect.copy_to(tmp_path / "copy")
    assert "dbname=orders" in str(error.value)
    assert "correct-horse" not in str(error.value)
    assert "PGPASSWORD=***" in str(error.value)


def test_a_statement_that_takes_too_long_is_ended(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.exec_driver_sql("SET statement_timeout = '50ms'")
        with pytest.raises(OperationalError) as error:
            connection.exec_driver_sql("SELECT pg_sleep(60)")
    assert database.dialect.is_outage(error.value.orig or error.value)

"""Migrations: components come and go, and nothing is lost."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from enum import Enum as PythonEnum
from pathlib import Path

import pytest
from sqlalchemy import Column, Enum, Integer, Table, select, text
from sqlmodel import SQLModel

from app.core.db import current_database
from app.core.db.migrations import (
    NewerDatabaseError,
    alone,
    check_models,
    downgrade,
    revise,
    scripts,
    status,
    upgrade,
)
from app.core.errors import AppError
from tests.database.support import MigrationFolder, tables


def execute(statement: str) -> list[tuple[object, ...]]:
    with current_database().engine.begin() as connection:
        result = connection.execute(text(statement))
        return [tuple(row) for row in result] if result.returns_rows else []


def heads() -> set[object]:
    return {row[0] for row in execute("SELECT version_num FROM alembic_version")}


def test_the_models_and_the_migrations_agree(database: object) -> None:
    assert status().pending == []
    check_models()


def test_an_upgrade_applies_every_branch_once(folder: MigrationFolder) -> None:
    folder.add("auth", "auth_0001", "user")
    folder.add("auth", "auth_0002", "token", down="auth_0001")
    folder.add("app", "1a2b", "order")
    pending = [m.revision for m in status().pending if m.branch == "auth"]
    assert pending == ["auth_0001", "auth_0002"]
    assert upgrade() == ["1a2b", "auth_0001", "auth_0002"]
    assert tables() == {"user", "token", "order"}
    assert heads() == {"1a2b", "auth_0002"}
    assert upgrade() == []
    assert status().pending == []


def test_where_nothing_is_pending_nobody_waits_and_alembic_is_not_loaded(
    folder: MigrationFolder,
) -> None:
    folder.add("app", "1a2b", "order")
    upgrade()
    with alone(current_database()):
        assert upgrade() == []
    (folder.path / "env.py").write_text("raise AssertionError", encoding="utf-8")
    assert upgrade() == []
    folder.add("app", "3c4d", "invoice", down="1a2b")
    with pytest.raises(AssertionError):
        upgrade()


def test_a_component_can_go_and_come_back(folder: MigrationFolder) -> None:
    folder.add("auth", "auth_0001", "user")
    folder.add("app", "1a2b", "order")
    upgrade()
    execute('INSERT INTO "user" (id) VALUES (7)')
    removed = folder.remove_branch("auth")
    folder.add("app", "3c4d", "invoice", down="1a2b")
    assert upgrade() == ["3c4d"]
    assert execute('SELECT id FROM "user"') == [(7,)]
    folder.bring_back("auth", removed)
    assert status().pending == []
    folder.add("auth", "auth_0002", "token", down="auth_0001")
    assert upgrade() == ["auth_0002"]
    assert execute('SELECT id FROM "user"') == [(7,)]


def test_a_branch_stays_when_one_that_depends_on_it_goes(folder: MigrationFolder) -> None:
    folder.add("auth", "auth_0001", "user")
    folder.add("ai_auth", "ai_auth_0001", "chat", depends_on="auth_0001")
    upgrade()
    folder.remove_branch("ai_auth")
    assert upgrade() == []
    assert status().pending == []
    folder.add("auth", "auth_0002", "token", down="auth_0001")
    assert upgrade() == ["auth_0002"]


def test_a_dependency_is_applied_first(folder: MigrationFolder) -> None:
    folder.add("app", "1a2b", "order", depends_on="auth_0001")
    folder.add("auth", "auth_0001", "user")
    assert [m.revision for m in status().migrations] == ["auth_0001", "1a2b"]
    upgrade()
    before = heads()
    assert upgrade() == []
    assert heads() == before


def test_what_others_depend_on_stays_when_they_are_undone(folder: MigrationFolder) -> None:
    folder.add("auth", "auth_0001", "user")
    folder.add("app", "1a2b", "order", depends_on="auth")
    upgrade()
    downgrade("app@base")
    assert tables() == {"user"}
    assert upgrade() == ["1a2b"]


def test_a_migration_whose_component_has_gone_is_named(folder: MigrationFolder) -> None:
    folder.add("auth", "auth_0001", "user")
    folder.add("app", "1a2b", "order", depends_on="auth")
    upgrade()
    folder.remove_branch("auth")
    with pytest.raises(AppError, match="'auth'"):
        upgrade()
    assert tables() == {"user", "order"}


def test_older_code_says_so_and_changes_nothing(folder: MigrationFolder) -> None:
    folder.add("auth", "auth_0001", "user")
    newer = folder.add("auth", "auth_0002", "token", down="auth_0001")
    upgrade()
    newer.unlink()
    scripts.cache_clear()
    assert status().missing == ["auth_0002"]
    with pytest.raises(NewerDatabaseError, match="auth_0002"):
        upgrade()
    assert heads() == {"auth_0002"}


def test_a_migration_that_fails_changes_nothing(folder: MigrationFolder) -> None:
    folder.add("app", "1a2b", "order")
    body = 'op.execute("CREATE TABLE half (id INTEGER)"); 1 / 0'
    folder.add("app", "3c4d", "half", down="1a2b", body=body)
    with pytest.raises(ZeroDivisionError):
        upgrade()
    assert tables() == set()


def test_two_processes_that_migrate_at_once_wait_for_each_other(folder: MigrationFolder) -> None:
    folder.add("app", "1a2b", "order")
    scripts()
    applied: list[list[str]] = []
    threads = [threading.Thread(target=lambda: applied.append(upgrade())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == [[], ["1a2b"]]


def test_a_downgrade_undoes(folder: MigrationFolder) -> None:
    folder.add("app", "1a2b", "order")
    folder.add("app", "3c4d", "invoice", down="1a2b")
    upgrade()
    downgrade("app@-1")
    assert tables() == {"order"}
    assert [m.revision for m in status().pending] == ["3c4d"]
    assert upgrade() == ["3c4d"]


def test_a_migration_is_written_from_the_models(folder: MigrationFolder) -> None:
    upgrade()
    execute("CREATE TABLE foreign_thing (id INTEGER)")
    table = Table("test_thing", SQLModel.metadata, Column("id", Integer, primary_key=True))
    try:
        path = revise("add things")
        assert path is not None
        written = path.read_text(encoding="utf-8")
        upgrade()
        assert revise("again") is None
    finally:
        SQLModel.metadata.remove(table)
    check_models()
    assert path.parent.name == "app"
    assert 'branch_labels = ("app",)' in written
    assert "test_thing" in written
    assert "foreign_thing" not in written
    second = revise("by hand", empty=True)
    assert isinstance(second, Path)
    assert "branch_labels = None" in second.read_text(encoding="utf-8")


class Size(PythonEnum):
    SMALL = "s"


class LaterSize(PythonEnum):
    SMALL = "s"
    EXTRAORDINARILY_LARGE = "xl"


def test_an_enum_is_text_that_grows_without_a_migration(folder: MigrationFolder) -> None:
    with models_with(Size):
        assert revise("add sizes") is not None
        upgrade()
        downgrade("base")
        upgrade()
    with models_with(LaterSize) as shirts:
        assert revise("again") is None
        with current_database().engine.begin() as connection:
            connection.execute(shirts.insert().values(size=LaterSize.EXTRAORDINARILY_LARGE))
            found = connection.execute(select(shirts.c.size)).scalar_one()
        assert found is LaterSize.EXTRAORDINARILY_LARGE


@contextmanager
def models_with(kind: type[PythonEnum]) -> Generator[Table]:
    """Two tables with an enum."""
    made = [
        Table(
            name,
            SQLModel.metadata,
            Column("id", Integer, primary_key=True),
            Column("size", Enum(kind, name="size")),
        )
        for name in ("test_shirt", "test_shoe")
    ]
    try:
        yield made[0]
    finally:
        for table in made:
            SQLModel.metadata.remove(table)


def test_a_comparison_needs_all_migrations(folder: MigrationFolder) -> None:
    folder.add("app", "1a2b", "order")
    with pytest.raises(AppError, match="make migrate"):
        revise("more")

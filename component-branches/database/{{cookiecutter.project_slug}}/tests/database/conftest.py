"""Fixtures of the database's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.db import Database, migrations, use_database
from tests.database.support import MigrationFolder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MigrationFolder]:
    """Migrations of the test's own, and a database that has none."""
    path = tmp_path / "migrations"
    (path / "versions" / "app").mkdir(parents=True)
    for name in ("env.py", "script.py.mako"):
        text = (migrations.MIGRATIONS / name).read_text(encoding="utf-8")
        (path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(migrations, "MIGRATIONS", path)
    migrations.scripts.cache_clear()
    with use_database(Database(f"sqlite:///{tmp_path / 'empty.db'}")) as database:
        yield MigrationFolder(path)
        database.close()
    migrations.scripts.cache_clear()

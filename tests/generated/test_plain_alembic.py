"""Alembic's own commands in a generated project, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from aegis_cli.operations.create import Request, create
from tests.support.application import run
from tests.support.postgres_server import postgres_server
from tests.support.project import seal
from tests.support.reporter import Silent

MODEL = """from sqlmodel import Field, SQLModel


class Order(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    item: str = Field(index=True)
"""
ANCHOR = "    # Your models"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a component that has tables, and a model of its own."""
    place = tmp_path_factory.mktemp("alembic")
    with pytest.MonkeyPatch.context() as patch:
        (place / "home").mkdir()
        seal(place / "home", patch)
        chosen = ("database[postgres]", "scheduler")
        root = create(Request("my-api", place, components=chosen), Silent()).root
    (root / "app/models/order.py").write_text(MODEL)
    models = root / "app/models/__init__.py"
    mine = "    from app.models import order\n\n    loaded.append(order)\n"
    models.write_text(models.read_text().replace(ANCHOR, f"{mine}{ANCHOR}", 1))
    run(root, "uv", "sync", "--quiet")
    return root


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'app.db'}"
        return
    with postgres_server() as server:
        yield server.url


def test_its_commands_and_ours_do_the_same(project: Path, url: str) -> None:
    """A migration is written, applied, shown, undone and merged by either, and each sees what the other did."""

    def alembic(*words: str) -> str:
        return run(project, "uv", "run", "alembic", *words, DATABASE_URL=url)

    def app(*words: str) -> str:
        return run(project, "uv", "run", "my-api", "db", *words, DATABASE_URL=url)

    folder = project / "migrations/versions/app"
    try:
        alembic("upgrade", "heads")
        alembic("revision", "--autogenerate", "-m", "add orders")
        [first] = folder.glob("*.py")
        assert 'branch_labels = ("app",)' in first.read_text()
        app("migrate")
        alembic("check")
        assert "nothing to write" in app("revision", "again")
        app("revision", "by hand", "--empty")
        alembic("upgrade", "heads")
        revision = first.stem.partition("_")[0]
        assert f"{revision} (app)" in alembic("history")
        app("downgrade", "app@-1")
        assert revision in alembic("current")
        alembic("downgrade", "app@base")
        assert app("migrate").count("Applied") == 2
        assert 'CREATE TABLE "order"' in alembic("upgrade", "heads", "--sql")
        run(project, "make", "lint")
    finally:
        for path in folder.glob("*.py"):
            path.unlink()


def test_who_migrates_at_once_takes_turns(project: Path, url: str) -> None:
    """Three commands on an empty database: one does the work, the others find it done."""
    environment = {**os.environ, "DATABASE_URL": url}
    words = ["upgrade", "heads"]
    running = [
        subprocess.Popen(
            [project / ".venv/bin/alembic", *words],
            cwd=project,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    said = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    assert sum("Running upgrade" in text for text in said) == 1

"""Components come and go, and databases change: the data stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aegis_cli.operations.add import add
from aegis_cli.operations.create import Request, create
from aegis_cli.operations.outcome import Options
from aegis_cli.operations.remove import remove
from tests.support.application import get, run, served
from tests.support.git import commit
from tests.support.postgres_server import PostgresServer, postgres_server
from tests.support.reporter import Silent

HOW = Options(sync=False)
MODEL = '''"""Orders."""

from enum import Enum
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel


class Size(Enum):
    """How large."""

    SMALL = "s"


class Order(SQLModel, table=True):
    """An order, and the one that it follows."""

    id: int | None = Field(default=None, primary_key=True)
    after_id: int | None = Field(default=None, foreign_key="order.id")
    size: Size = Size.SMALL
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
'''
WRITE = """
from app.core.db import db_session
from app.models.order import Order

with db_session() as session:
    first = Order(data={"lamp": [1, None]})
    session.add(first)
    session.flush()
    session.add(Order(after_id=first.id))
"""
READ = """
from sqlmodel import select
from app.core.db import db_session
from app.models.order import Order

with db_session() as session:
    for order in session.exec(select(Order).order_by(Order.id)):
        print(order.id, order.after_id, order.size.value, order.data)
"""
NOTE = """
from app.core.db import db_session
from sqlalchemy import text

with db_session() as session:
    session.connection().execute(text("INSERT INTO scheduler_note VALUES ('mine', 'kept')"))
"""
READ_NOTE = """
from app.core.db import db_session
from sqlalchemy import text

with db_session() as session:
    query = text("SELECT value FROM scheduler_note WHERE name = 'mine'")
    print(session.connection().execute(query).scalar_one())
"""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


def new_project(folder: Path, *stack: str) -> Path:
    root = create(Request("my-app", folder, components=stack), Silent()).root
    run(root, "uv", "sync", "--quiet")
    return root


def python(root: Path, code: str, **environment: str) -> str:
    return run(root, "uv", "run", "python", "-c", code, **environment)


def add_orders(root: Path) -> None:
    """A model of the user's own, and its migration."""
    models = root / "app/models/__init__.py"
    place = "    # Your models"
    text = models.read_text()
    assert place in text
    text = text.replace(
        place, f"    from app.models import order\n\n    loaded.append(order)\n{place}"
    )
    run(root, "make", "migrate")
    (root / "app/models/order.py").write_text(MODEL)
    models.write_text(text)
    run(root, "make", "migration", "m=add orders")
    commit(root, "Orders")


@pytest.mark.parametrize("system", ["sqlite", "postgres"])
def test_tables_of_a_component_that_goes_keep_their_data(
    system: str, tmp_path: Path, server: PostgresServer
) -> None:
    """After `aegis remove` of a component with tables migrations go on, and it can come back."""
    option = ("postgres",) if system == "postgres" else ()
    values = {"DATABASE_URL": server.create("going")} if option else {}
    root = new_project(tmp_path, "database", "scheduler", *option)
    run(root, "make", "migrate", **values)
    python(root, NOTE, **values)

    assert remove(root, ["scheduler"], None, HOW, Silent()).status == "done"
    run(root, "uv", "sync", "--quiet")
    assert "Nothing is pending." in run(root, "make", "migrate", **values)
    add_orders(root)
    assert "Applied" in run(root, "make", "migrate", **values)
    python(root, WRITE, **values)
    assert python(root, READ_NOTE, **values) == "kept\n"

    assert add(root, ["scheduler"], None, HOW, Silent()).status == "done"
    run(root, "uv", "sync", "--quiet")
    assert "Nothing is pending." in run(root, "make", "migrate", **values)
    assert python(root, READ_NOTE, **values) == "kept\n"
    assert "scheduler_run" in run(root, "uv", "run", "my-app", "db", "status", **values)


def test_a_project_moves_to_postgresql_and_back(tmp_path: Path, server: PostgresServer) -> None:
    """As `docs/postgres.md` of the project says it: every row arrives, there and back."""
    root = new_project(tmp_path, "database")
    add_orders(root)
    run(root, "make", "migrate")
    python(root, WRITE)
    rows = python(root, READ)
    assert rows == "1 None s {'lamp': [1, None]}\n2 1 s {}\n"

    there = {"DATABASE_URL": server.create("moving")}
    assert add(root, ["postgres"], None, HOW, Silent()).status == "done"
    run(root, "uv", "sync", "--quiet")
    with served(root) as address:  # without a server it serves as before
        assert get(f"{address}/health/ready")["ready"] is True
    run(root, "make", "migrate", **there)
    copy = ("uv", "run", "my-app", "db", "copy-from")
    assert "2  order" in run(root, *copy, "sqlite:///data/app.db", **there)
    assert python(root, READ, **there) == rows
    with served(root, **there) as address:
        assert get(f"{address}/health/ready")["ready"] is True
    python(root, WRITE, **there)
    rows = python(root, READ, **there)
    assert len(rows.splitlines()) == 4

    (root / "data/app.db").unlink()
    run(root, "make", "migrate")
    assert "4  order" in run(root, *copy, there["DATABASE_URL"])
    assert remove(root, ["postgres"], None, HOW, Silent()).status == "done"
    run(root, "uv", "sync", "--quiet")
    assert python(root, READ) == rows
    assert "psycopg" not in (root / "pyproject.toml").read_text()
    run(root, "make", "check")

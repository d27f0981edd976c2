"""What people see of the database: commands and the dashboard."""

import json
from typing import Any

from typer.testing import CliRunner

from app.cli.commands import build_cli
from app.components.frontend.views.database import migration_figures, table_figures
from app.core.db.dialect import Precision
from app.core.db.migrations import Migration
from app.services.database import Overview, TableInfo

runner = CliRunner()


def test_the_status_lists_tables_and_migrations() -> None:
    result = runner.invoke(build_cli(), ["db", "status", "--json"])
    assert result.exit_code == 0
    found = json.loads(result.output)
    assert "alembic_version" in [table["name"] for table in found["tables"]]
    assert runner.invoke(build_cli(), ["db", "status"]).exit_code == 0


def test_migrating_twice_does_nothing() -> None:
    assert runner.invoke(build_cli(), ["db", "migrate"]).output == "Nothing is pending.\n"


def test_a_migration_needs_a_message() -> None:
    result = runner.invoke(build_cli(), ["db", "revision", " "])
    assert result.exit_code == 2
    assert "make migration" in result.output


def overview(**values: Any) -> Overview:
    usual: dict[str, Any] = {
        "system": "SQLite 3",
        "place": "data/app.db",
        "ping_ms": 0.1,
        "size_bytes": 4096,
        "tables": [],
        "migrations": [],
        "missing": [],
    }
    return Overview(**usual | values)


def test_figures_name_what_matters_first() -> None:
    tables = [
        TableInfo("user", 1200, Precision.EXACT),
        TableInfo("event", 100_000, Precision.ABOUT),
    ]
    assert [f.value for f in table_figures(overview(tables=tables))] == ["1,200", "about 100,000"]
    found = [Migration("a", "app", "one", True), Migration("b", "app", "two", False)]
    assert [f.value for f in migration_figures(overview(migrations=found))] == [
        "pending",
        "applied",
    ]
    assert len(table_figures(overview())) == len(migration_figures(overview())) == 1

"""Plain `alembic` commands do what those of the project do."""

from io import StringIO
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config, main
from sqlalchemy import Column, Integer, Table, text
from sqlmodel import SQLModel

from app.core.db import current_database, migrations
from app.core.db.migrations import status, upgrade
from tests.database.support import MigrationFolder, tables


def alembic(*words: str) -> None:
    main(["--config", str(migrations.CONFIGURATION), *words])


def written(folder: MigrationFolder) -> list[Path]:
    migrations.scripts.cache_clear()
    return sorted((folder.path / "versions" / "app").glob("*.py"))


def pending() -> list[str]:
    return [migration.revision for migration in status().pending]


def test_a_model_from_its_first_migration_to_its_end(folder: MigrationFolder) -> None:
    folder.add("members", "members_0001", "member")
    alembic("upgrade", "heads")
    thing = Table("test_thing", SQLModel.metadata, Column("id", Integer, primary_key=True))
    try:
        with pytest.raises(SystemExit):
            alembic("check")
        alembic("revision", "--autogenerate", "-m", 'add "things"\\')
        [migration] = written(folder)
        assert 'branch_labels = ("app",)' in migration.read_text(encoding="utf-8")
        alembic("upgrade", "heads")
        alembic("check")
        alembic("revision", "--autogenerate", "-m", "again")
        assert written(folder) == [migration], "there is nothing to write"
        assert tables() >= {"member", "test_thing"}
        alembic("downgrade", "app@base")
        assert tables() == {"member"}
        assert upgrade() == [migration.stem.partition("_")[0]]
    finally:
        SQLModel.metadata.remove(thing)


def test_it_shows_what_there_is(folder: MigrationFolder) -> None:
    folder.add("members", "members_0001", "member")
    folder.add("app", "1a2b", "order")
    folder.add("app", "3c4d", "invoice", down="1a2b")
    alembic("upgrade", "1a2b")
    said = StringIO()
    shown = Config(toml_file=migrations.CONFIGURATION, stdout=said)
    command.heads(shown)
    command.current(shown)
    command.history(shown, indicate_current=True)
    for line in ("3c4d (app) (head)", "1a2b -> 3c4d", "\n1a2b\n", "1a2b (app) (current)"):
        assert line in said.getvalue(), line


def test_a_branch_goes_on_where_it_is(folder: MigrationFolder) -> None:
    folder.add("members", "members_0001", "member")
    first = folder.add("app", "1a2b", "order")
    alembic("revision", "-m", "by hand", "--depends-on", "members")
    [second] = set(written(folder)) - {first}
    content = second.read_text(encoding="utf-8")
    assert 'down_revision = "1a2b"' in content
    assert "branch_labels = None" in content
    assert 'depends_on = "members"' in content


def test_two_that_were_written_side_by_side_are_merged(folder: MigrationFolder) -> None:
    folder.add("members", "members_0001", "member")
    folder.add("app", "1a2b", "order")
    folder.add("app", "3c4d", "invoice", down="1a2b")
    folder.add("app", "5e6f", "refund", down="1a2b")
    alembic("merge", "-m", "both", "app@heads")
    alembic("revision", "-m", "after")
    assert len(written(folder)) == 5
    alembic("upgrade", "heads")
    assert tables() == {"member", "order", "invoice", "refund"}


def test_a_component_can_go_and_come_back(folder: MigrationFolder) -> None:
    folder.add("members", "members_0001", "member")
    folder.add("app", "1a2b", "order")
    alembic("upgrade", "heads")
    removed = folder.remove_branch("members")
    alembic("upgrade", "heads")
    alembic("current")
    folder.bring_back("members", removed)
    assert pending() == []
    alembic("upgrade", "heads")
    assert tables() == {"member", "order"}


def test_a_stamp_is_believed(folder: MigrationFolder) -> None:
    folder.add("members", "members_0001", "member")
    folder.add("members", "members_0002", "token", down="members_0001")
    folder.add("app", "1a2b", "order")
    alembic("stamp", "heads")
    assert pending() == []
    alembic("stamp", "members@base")
    assert pending() == ["members_0001", "members_0002"]
    alembic("stamp", "--purge", "members_0002")
    assert pending() == ["1a2b"]
    assert tables() == set()


def test_a_script_can_be_run_by_hand(
    folder: MigrationFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.add("app", "1a2b", "order")
    folder.add("app", "3c4d", "invoice", down="1a2b")

    def run_by_hand(*words: str) -> None:
        capsys.readouterr()
        alembic(*words, "--sql")
        with current_database().engine.begin() as connection:
            for statement in capsys.readouterr().out.split(";"):
                if statement.strip() not in ("", "BEGIN", "COMMIT"):
                    connection.execute(text(statement))

    run_by_hand("upgrade", "heads")
    assert pending() == []
    assert upgrade() == []
    run_by_hand("downgrade", "3c4d:1a2b")
    assert pending() == ["3c4d"]
    assert upgrade() == ["3c4d"]
    assert tables() == {"order", "invoice"}


def test_what_goes_wrong_is_said_in_a_line(
    folder: MigrationFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.add("members", "members_0001", "member")
    newer = folder.add("members", "members_0002", "token", down="members_0001")
    alembic("upgrade", "heads")
    newer.unlink()
    migrations.scripts.cache_clear()
    with pytest.raises(SystemExit):
        alembic("upgrade", "heads")
    assert "newer than this code: it has the migrations members_0002" in capsys.readouterr().out
    folder.add("app", "1a2b", "order", depends_on="gone")
    with pytest.raises(SystemExit):
        alembic("current")
    assert "depends on 'gone'" in capsys.readouterr().out

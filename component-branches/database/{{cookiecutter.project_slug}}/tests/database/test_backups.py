"""Backups: whole, checked, rotated, and good for a restore while others work."""

import threading
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import text
from typer.testing import CliRunner

from app.cli.commands import build_cli
from app.core.db import Database, db_session
from app.core.errors import AppError, NotFoundError
from app.services.backup import backups as module
from app.services.backup import create_backup, list_backups, restore_backup, rotate_backups
from app.services.database import read_overview


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Database) -> Path:
    """Backups go to a folder of the test."""
    path = tmp_path / "backups"
    monkeypatch.setattr(module, "backup_folder", lambda: path)
    run("CREATE TABLE note (body TEXT)")
    run("INSERT INTO note VALUES ('first')")
    return path


def run(statement: str) -> None:
    with db_session() as session:
        session.connection().execute(text(statement))


def bodies() -> list[str]:
    with db_session() as session:
        return [row[0] for row in session.connection().execute(text("SELECT body FROM note"))]


def test_a_backup_is_one_whole_file(place: Path) -> None:
    made = create_backup()
    assert sorted(path.name for path in place.iterdir()) == [".lock", made.name]
    assert list_backups() == [made]


def test_a_damaged_copy_gets_no_name(
    place: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_to = database.dialect.copy_to

    def damage(path: Path) -> None:
        copy_to(path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    monkeypatch.setattr(database.dialect, "copy_to", damage)
    with pytest.raises(AppError, match="damaged"):
        create_backup()
    assert [path.name for path in place.iterdir()] == [".lock"]


def test_the_oldest_go(place: Path) -> None:
    made = []
    for day in range(1, 5):
        with time_machine.travel(f"2026-01-0{day}T03:00:00Z", tick=False):
            made += [create_backup().name, create_backup().name]
    (place / "notes.txt").write_text("mine", encoding="utf-8")
    assert rotate_backups(3) == made[:5][::-1]
    assert [backup.name for backup in list_backups()] == made[5:][::-1]
    assert (place / "notes.txt").exists()


def test_a_restore_brings_back_everything_and_keeps_what_was_there() -> None:
    made = create_backup()
    run("INSERT INTO note VALUES ('second')")
    before = restore_backup(made.name)
    assert bodies() == ["first"]
    assert before is not None
    restore_backup(before.name)
    assert bodies() == ["first", "second"]


def test_a_restore_removes_what_came_later() -> None:
    made = create_backup()
    run("CREATE TABLE later (id INTEGER PRIMARY KEY)")
    run("CREATE TABLE latest (id INTEGER REFERENCES later (id))")
    restore_backup(made.name)
    assert not {"later", "latest"} & {table.name for table in read_overview().tables}


def test_a_backup_of_another_system_is_not_taken(place: Path) -> None:
    made = create_backup()
    other = made.path.with_suffix(".other")
    made.path.rename(other)
    assert [backup.name for backup in list_backups()] == [other.name]
    with pytest.raises(AppError, match="another database system"):
        restore_backup(other.name)
    with pytest.raises(NotFoundError):
        restore_backup("latest")


def test_a_damaged_backup_is_not_restored(place: Path) -> None:
    made = create_backup()
    made.path.write_bytes(b"nonsense" * 1000)
    with pytest.raises(AppError, match="damaged"):
        restore_backup("latest")
    assert bodies() == ["first"]


def test_a_restore_without_a_backup_says_so() -> None:
    with pytest.raises(NotFoundError):
        restore_backup("latest")


def test_it_works_while_others_write() -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.001):
            run("INSERT INTO note VALUES ('more')")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        made = create_backup()
    finally:
        stop.set()
        thread.join()
    assert made.size_bytes > 0


def test_the_command_line_makes_lists_and_restores() -> None:
    cli, runner = build_cli(), CliRunner()
    assert "Made" in runner.invoke(cli, ["db", "backup", "--keep", "1"]).output
    [name] = [backup.name for backup in list_backups()]
    assert name in runner.invoke(cli, ["db", "backups"]).output
    run("DELETE FROM note")
    refused = runner.invoke(cli, ["db", "restore", "latest"], input="n\n")
    assert refused.exit_code == 1
    assert bodies() == []
    assert runner.invoke(cli, ["db", "restore", "latest", "--yes"]).exit_code == 0
    assert bodies() == ["first"]

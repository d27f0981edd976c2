"""Backups are files in a folder; the time is in their name.

A copy is written beside its place, checked, and only then gets its name: whatever bears a
backup's name is a whole and readable one.
"""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.core.config import settings
from app.core.constants import PROJECT_SLUG, ROOT
from app.core.db import current_database
from app.core.errors import AppError, NotFoundError
from app.core.filelock import file_lock
from app.core.storage import writing_to

_NAME = re.compile(re.escape(PROJECT_SLUG) + r"-(\d{8}T\d{6})(?:-\d+)?\.[a-z]+")
_TIME = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of the database."""

    name: str
    path: Path
    made_at: datetime
    size_bytes: int


def backup_folder() -> Path:
    """Where backups are."""
    return ROOT / settings.BACKUP_DIR


def create_backup() -> Backup:
    """Make a copy while others read and write, and check it.

    Raises:
        AppError: The copy is damaged, or somebody else is making one.
        StorageError: The disk is full, or may not be written.
    """
    folder = backup_folder()
    with writing_to(folder), file_lock(folder / ".lock") as is_ours:
        if not is_ours:
            raise AppError("Somebody else is making a backup right now.")
        for leftover in folder.glob(".*.part*"):
            leftover.unlink()
        dialect = current_database().dialect
        path = _free_path(folder, dialect.backup_suffix)
        part = folder / f".{path.name}.part"
        try:
            dialect.copy_to(part)
            dialect.verify(part)
            _flush(part)
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)
        _flush(folder)
    return _describe(path)


def list_backups() -> list[Backup]:
    """All backups, the newest first."""
    folder = backup_folder()
    if not folder.exists():
        return []
    found = [_describe(path) for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    return sorted(found, key=lambda b: (b.made_at, len(b.name), b.name), reverse=True)


def rotate_backups(keep: int) -> list[str]:
    """Remove all but the newest; return the names of those that went."""
    old = list_backups()[max(keep, 1) :]
    for backup in old:
        backup.path.unlink(missing_ok=True)
    return [backup.name for backup in old]


def find_backup(name: str) -> Backup:
    """A backup by its name; `latest` is the newest of this database system.

    Raises:
        NotFoundError: There is none.
        AppError: It is one of another database system.
    """
    dialect = current_database().dialect
    for backup in list_backups():
        fits = backup.path.suffix == dialect.backup_suffix
        if backup.name == name and not fits:
            raise AppError(f"{name} is of another database system than {dialect.title}.")
        if fits and name in (backup.name, "latest"):
            return backup
    raise NotFoundError(f"There is no backup called {name} in {settings.BACKUP_DIR}.")


def restore_backup(name: str) -> Backup | None:
    """Replace the database's content with a backup's; return a backup of what was there.

    Raises:
        NotFoundError: There is no such backup.
        AppError: It is damaged; then nothing has changed.
    """
    chosen = find_backup(name)
    dialect = current_database().dialect
    dialect.verify(chosen.path)
    before = create_backup() if _has_content() else None
    current_database().close()
    dialect.restore_from(chosen.path)
    return before


def _has_content() -> bool:
    from sqlalchemy import inspect

    return bool(inspect(current_database().engine).get_table_names())


def _free_path(folder: Path, suffix: str) -> Path:
    """A name that nobody has: two backups can be made in one second."""
    stem = f"{PROJECT_SLUG}-{datetime.now(UTC).strftime(_TIME)}"
    path, count = folder / f"{stem}{suffix}", 1
    while path.exists():
        count += 1
        path = folder / f"{stem}-{count}{suffix}"
    return path


def _describe(path: Path) -> Backup:
    found = _NAME.fullmatch(path.name)
    text = found.group(1) if found else ""
    made_at = datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    return Backup(path.name, path, made_at, path.stat().st_size)


def _flush(path: Path) -> None:
    """Get it to the disk, so that a power cut leaves no empty file under a good name."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

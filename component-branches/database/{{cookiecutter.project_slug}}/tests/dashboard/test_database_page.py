"""The page of the database."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from app.services.backup import backups
from app.services.system import CheckResult
from tests.dashboard.support import Screen, make_frame


async def test_the_page_shows_tables_migrations_and_backups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, show: Callable[..., Awaitable[Screen]]
) -> None:
    monkeypatch.setattr(backups, "backup_folder", lambda: tmp_path / "backups")
    frame = make_frame(("database", CheckResult.healthy("Answers", size_bytes=4096)))
    screen = await show(frame, route="/components/database")
    for text in ("Database", "Tables", "alembic_version", "Migrations", "Backups"):
        assert screen.shows(text), text

"""What the page of the database shows besides its health: tables, migrations and backups."""

import asyncio

import flet as ft

from app.components.frontend import formatting, widgets
from app.components.frontend.frame import Figure
from app.components.frontend.registry import Changes, Context, LookingView
from app.core.explain import error_line
from app.services.backup import Backup, list_backups
from app.services.database import Overview, read_overview

LATEST = 10


class DatabaseView(LookingView):
    """Looks seldom, for counting rows is not free."""

    seconds = 10.0

    def __init__(self, context: Context) -> None:
        self._tables = widgets.FigureTable()
        self._migrations = widgets.FigureTable()
        self._backups = widgets.FigureTable()
        self._problem = widgets.soft()
        self._problem.visible = False
        super().__init__(
            ft.Column(
                [
                    self._problem,
                    widgets.tiles(
                        widgets.titled_panel("Tables", self._tables.content),
                        widgets.titled_panel("Migrations", self._migrations.content),
                        widgets.titled_panel("Backups", self._backups.content),
                    ),
                ],
                spacing=16,
            )
        )

    async def look(self, changes: Changes) -> None:
        """Look into the database, and list the backups."""
        try:
            overview = await asyncio.to_thread(read_overview)
            backups = await asyncio.to_thread(list_backups)
        except Exception as error:
            changes.set(self._problem, value=error_line(error), visible=True)
            return
        changes.set(self._problem, visible=False)
        self._tables.show(table_figures(overview), changes)
        self._migrations.show(migration_figures(overview), changes)
        self._backups.show(backup_figures(backups), changes)


def table_figures(overview: Overview) -> list[Figure]:
    """Each table with its rows."""
    found = [Figure(t.name, t.name, t.text) for t in overview.tables]
    return found or [Figure("none", "There are no tables yet", formatting.NOTHING)]


def migration_figures(overview: Overview) -> list[Figure]:
    """Pending migrations first, then the latest."""
    newest = overview.pending + [m for m in overview.migrations[::-1] if m.is_applied]
    found = [
        Figure(
            migration.revision,
            f"{migration.branch}: {migration.message}",
            "applied" if migration.is_applied else "pending",
        )
        for migration in newest[:LATEST]
    ]
    return found or [Figure("none", "There are no migrations yet", formatting.NOTHING)]


def backup_figures(backups: list[Backup]) -> list[Figure]:
    """The latest backups."""
    found = [
        Figure(b.name, f"{b.made_at:%d %b %Y, %H:%M} UTC", formatting.size(b.size_bytes))
        for b in backups[:LATEST]
    ]
    return found or [Figure("none", "There are no backups yet", formatting.NOTHING)]

"""The database."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.component import Component, Resource

if TYPE_CHECKING:
    from fastapi import FastAPI
    from typer import Typer

    from app.components.frontend.registry import Registry
    from app.services.system.registry import HealthRegistry


def api(app: FastAPI) -> None:
    from app.components.backend.outages import add_outage_handler

    add_outage_handler(app)


def checks(registry: HealthRegistry) -> None:
    from app.services.database.health import check_database

    registry.register("database", check_database)


def commands(cli: Typer) -> None:
    from app.cli import db

    cli.add_typer(db.cli, name="db")


def dashboard(registry: Registry) -> None:
    import flet as ft

    from app.components.frontend.registry import Card
    from app.components.frontend.views.database import DatabaseView

    figures = ("ping_ms", "size_bytes", "tables", "pending_migrations")
    registry.add_card(
        Card("database", icon=ft.Icons.STORAGE_ROUNDED, figures=figures, more=DatabaseView)
    )


def resources() -> list[Resource]:
    from app.core.db.lifespan import database_lifespan

    return [database_lifespan()]


def folders() -> dict[str, Path]:
    from app.core.db import current_database
    from app.services.backup.backups import backup_folder

    place = current_database().dialect.folder()
    # In this order: where both are on one disk, it is that of the database.
    return ({"database": place} if place is not None else {}) | {"backups": backup_folder()}


def explain(error: BaseException) -> str | None:
    from app.core.db.outage import explain_outage
    from app.core.db.unmigrated import explain_unmigrated

    return explain_outage(error) or explain_unmigrated(error)


database = Component(
    name="database",
    api=api,
    checks=checks,
    commands=commands,
    dashboard=dashboard,
    resources=resources,
    folders=folders,
    explain=explain,
    # It announces each look at the database.
    log_levels={"alembic": logging.WARNING},
    # Whoever writes at the same time comes to an end, however busy the machine is.
    test_settings={
        "DATABASE_URL": "sqlite:///data/test.db",
        "DATABASE_BUSY_TIMEOUT_SECONDS": "60",
    },
)

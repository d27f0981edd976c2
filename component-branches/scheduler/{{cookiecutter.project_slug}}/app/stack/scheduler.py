"""The scheduler: jobs at set times."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.core.component import Component, Process

if TYPE_CHECKING:
    from typer import Typer

    from app.components.frontend.registry import Registry
    from app.services.system.registry import HealthRegistry


def checks(registry: HealthRegistry) -> None:
    from app.services.scheduler.health import check_scheduler

    registry.register("scheduler", check_scheduler, required=False)


def commands(cli: Typer) -> None:
    from app.cli import scheduler as command

    cli.add_typer(command.cli, name="scheduler")


def dashboard(registry: Registry) -> None:
    import flet as ft

    from app.components.frontend.registry import Card
    from app.components.frontend.views.scheduler import SchedulerView

    figures = ("jobs", "running", "failed", "next_run")
    registry.add_card(
        Card("scheduler", icon=ft.Icons.SCHEDULE_ROUNDED, figures=figures, more=SchedulerView)
    )


def serve() -> None:
    from app.entrypoints.scheduler import main

    main()


def stop_seconds() -> float:
    from app.core.config import settings

    return settings.SCHEDULER_STOP_SECONDS


scheduler = Component(
    name="scheduler",
    checks=checks,
    commands=commands,
    dashboard=dashboard,
    processes=lambda: [Process("scheduler", serve, stop_seconds=stop_seconds)],
    # It tells of each job that it looks at; what matters is logged by our own history.
    log_levels={"apscheduler": logging.WARNING, "apscheduler.executors": logging.CRITICAL},
    # Jobs of tests end, however busy the machine is.
    test_settings={"SCHEDULER_STOP_SECONDS": "60"},
)

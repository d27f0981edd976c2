"""Workers: queues for work that may take a while."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.core.component import Component, Process, Resource

if TYPE_CHECKING:
    from fastapi import FastAPI
    from typer import Typer

    from app.components.frontend.registry import Registry
    from app.services.system.registry import HealthRegistry


def api(app: FastAPI) -> None:
    from app.components.backend.api import load_test

    app.include_router(load_test.router)


def checks(registry: HealthRegistry) -> None:
    from app.services.queues.health import check_worker

    registry.register("worker", check_worker, required=False)


def commands(cli: Typer) -> None:
    from app.cli import load_test
    from app.cli import worker as command

    cli.add_typer(command.cli, name="worker")
    cli.add_typer(load_test.cli, name="load-test")


def dashboard(registry: Registry) -> None:
    import flet as ft

    from app.components.frontend.registry import Card
    from app.components.frontend.views.worker import WorkerView

    figures = ("workers", "waiting", "running", "failed_within_an_hour")
    registry.add_card(
        Card("worker", icon=ft.Icons.ENGINEERING_ROUNDED, figures=figures, more=WorkerView)
    )


def processes() -> list[Process]:
    from app.core.queues import queues

    return [
        Process(queue.process, serve, (queue.name,), is_in_process, stop_seconds)
        for queue in queues()
    ]


def serve(queue: str) -> None:
    from app.entrypoints.worker import main

    main(queue)


def is_in_process() -> bool:
    from app.core import redis_url

    return redis_url.is_in_process()


def stop_seconds() -> float:
    from app.core.config import settings

    return settings.WORKER_STOP_SECONDS


def resources() -> list[Resource]:
    from app.components.worker.process import embedded_queues
    from app.services.queues.pool import queue_connections

    return [queue_connections(), embedded_queues()]


worker = Component(
    name="worker",
    api=api,
    checks=checks,
    commands=commands,
    dashboard=dashboard,
    processes=processes,
    resources=resources,
    # It tells of each job twice, arguments included; our worker has a line of its own for each.
    log_levels={"arq.worker": logging.CRITICAL},
    # Jobs of tests end, however busy the machine is.
    test_settings={"WORKER_STOP_SECONDS": "60"},
)

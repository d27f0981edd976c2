"""Redis: a cache and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.component import Component, Prerequisite, Resource

if TYPE_CHECKING:
    from fastapi import FastAPI
    from typer import Typer

    from app.components.frontend.registry import Registry
    from app.services.system.registry import HealthRegistry


def api(app: FastAPI) -> None:
    from app.components.backend.redis_errors import add_redis_handlers

    add_redis_handlers(app)


def checks(registry: HealthRegistry) -> None:
    from app.services.redis_health import check_redis

    registry.register("redis", check_redis)


def commands(cli: Typer) -> None:
    from app.cli import redis as command

    cli.add_typer(command.cli, name="redis")


def dashboard(registry: Registry) -> None:
    import flet as ft

    from app.components.frontend.registry import Card

    figures = ("latency_ms", "keys", "memory_bytes", "clients")
    registry.add_card(Card("redis", icon=ft.Icons.BOLT_ROUNDED, figures=figures))


def resources() -> list[Resource]:
    from app.core.redis import redis_lifespan

    return [redis_lifespan()]


def prerequisites() -> list[Prerequisite]:
    from app.core.redis_server import redis_for_development

    return [redis_for_development()]


redis = Component(
    name="redis",
    api=api,
    checks=checks,
    commands=commands,
    dashboard=dashboard,
    resources=resources,
    prerequisites=prerequisites,
    # What answers may be slow, where much else is running.
    test_settings={"REDIS_URL": "memory://", "REDIS_TIMEOUT_SECONDS": "60"},
)

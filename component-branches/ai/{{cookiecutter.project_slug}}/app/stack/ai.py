"""The assistant."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.core.component import Component, Resource

if TYPE_CHECKING:
    from fastapi import FastAPI
    from typer import Typer

    from app.components.frontend.registry import Registry
    from app.services.system.registry import HealthRegistry


def api(app: FastAPI) -> None:
    from app.components.backend.api import ai as routes

    app.include_router(routes.router)


def checks(registry: HealthRegistry) -> None:
    from app.services.ai.health import check_ai

    registry.register("ai", check_ai, required=False)


def commands(cli: Typer) -> None:
    from app.cli import ai as command

    cli.add_typer(command.cli, name="ai")


def dashboard(registry: Registry) -> None:
    import flet as ft

    from app.components.frontend.registry import Card, Page
    from app.components.frontend.views.ai_chat import ChatView
    from app.components.frontend.views.ai_usage import UsageView

    registry.add_page(Page("/ai", "Assistant", icon=ft.Icons.FORUM_ROUNDED, build=ChatView))
    figures = ("provider", "model", "answers", "failed")
    registry.add_card(
        Card(
            "ai",
            icon=ft.Icons.AUTO_AWESOME_ROUNDED,
            title="AI",
            figures=figures,
            more=UsageView,
        )
    )


def resources() -> list[Resource]:
    from app.services.ai.lifespan import open_ai

    return [open_ai()]


ai = Component(
    name="ai",
    api=api,
    checks=checks,
    commands=commands,
    dashboard=dashboard,
    resources=resources,
    # At lower levels they write what is sent and received, keys and texts included.
    log_levels=dict.fromkeys(
        ("anthropic", "google_genai", "groq", "httpcore", "httpcore2", "openai"), logging.WARNING
    ),
)

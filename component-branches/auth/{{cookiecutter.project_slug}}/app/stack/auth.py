"""Accounts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.core.component import Component, Resource

if TYPE_CHECKING:
    from fastapi import FastAPI
    from typer import Typer

    from app.components.frontend.door import Door
    from app.components.frontend.registry import Registry


def api(app: FastAPI) -> None:
    from app.components.backend.api.auth.routes import include_auth

    include_auth(app)


def door() -> Door:
    from app.components.frontend.accounts_door import AccountsDoor

    return AccountsDoor()


def dashboard(registry: Registry) -> None:
    import flet as ft

    from app.components.frontend.pages.accounts import AccountsView
    from app.components.frontend.registry import Page

    registry.add_page(
        Page("/accounts", "Accounts", icon=ft.Icons.GROUP_ROUNDED, build=AccountsView)
    )


def commands(cli: Typer) -> None:
    from app.cli import auth as command

    cli.add_typer(command.cli, name="auth")


def resources() -> list[Resource]:
    from app.services.auth.lifespan import auth_lifespan
    from app.services.mail import mail_lifespan

    return [mail_lifespan(), auth_lifespan()]


auth = Component(
    name="auth",
    api=api,
    door=door,
    dashboard=dashboard,
    commands=commands,
    resources=resources,
    # It would repeat what a mail server says, with addresses.
    log_levels={"aiosmtplib": logging.WARNING},
)

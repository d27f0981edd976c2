"""{{ cookiecutter.title }}: what it brings. `app/core/component.py` says what else a component can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.component import Component

if TYPE_CHECKING:
    from app.services.system.registry import HealthRegistry


def checks(registry: HealthRegistry) -> None:
    from app.services.{{ cookiecutter.package }} import check

    registry.register("{{ cookiecutter.name }}", check, required=False)


{{ cookiecutter.package }} = Component(name="{{ cookiecutter.name }}", checks=checks)

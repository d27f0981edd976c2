"""The pages of the dashboard and the cards of its components, in plain Python.

A component needs no card: whatever has a health check is shown. A card gives it an icon, picks
its key figures, and can add to its page.
"""

from functools import lru_cache

import flet as ft

from app.components.frontend.pages.activity import ActivityView
from app.components.frontend.pages.overview import OverviewView
from app.components.frontend.registry import Card, Page, Registry
from app.stack import COMPONENTS


def register_pages(registry: Registry) -> None:
    """Add every page, in the order of the navigation."""
    registry.add_page(
        Page("/", "Overview", icon=ft.Icons.SPACE_DASHBOARD_ROUNDED, build=OverviewView)
    )
    registry.add_page(
        Page("/activity", "Activity", icon=ft.Icons.RECEIPT_LONG_ROUNDED, build=ActivityView)
    )
    # Your pages


def register_cards(registry: Registry) -> None:
    """Say how components are shown."""
    registry.add_card(Card("backend", icon=ft.Icons.DNS_ROUNDED))
    registry.add_card(
        Card(
            "machine",
            icon=ft.Icons.MEMORY_ROUNDED,
            figures=("memory_free_bytes", "disk_free_bytes", "load_average"),
        )
    )
    # Your cards


@lru_cache(maxsize=1)
def registry() -> Registry:
    """All of it."""
    found = Registry()
    register_pages(found)
    register_cards(found)
    for component in COMPONENTS:
        component.dashboard(found)
    return found

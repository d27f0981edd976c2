"""Colours and fonts, for light and dark."""

import flet as ft

from app.services.system import State

MONO = "JetBrains Mono"
FONTS = {MONO: "fonts/jetbrains-mono.woff2"}

CARD = ft.Colors.SURFACE_CONTAINER
LINE = ft.Colors.OUTLINE_VARIANT
SOFT = ft.Colors.ON_SURFACE_VARIANT
TEXT = ft.Colors.ON_SURFACE
ACCENT = ft.Colors.PRIMARY
GOOD = ft.Colors.SECONDARY
WARNING = ft.Colors.TERTIARY
BAD = ft.Colors.ERROR

STATE_COLOURS = {State.HEALTHY: GOOD, State.DEGRADED: WARNING, State.UNHEALTHY: BAD}
# A shape of its own for each state: not everybody tells green from red.
STATE_ICONS = {
    State.HEALTHY: ft.Icons.CHECK_CIRCLE_ROUNDED,
    State.DEGRADED: ft.Icons.WARNING_ROUNDED,
    State.UNHEALTHY: ft.Icons.ERROR_ROUNDED,
}

LIGHT_THEME = ft.Theme(
    scaffold_bgcolor="#f5f6f8",
    color_scheme=ft.ColorScheme(
        primary="#4653d6",
        on_primary="#ffffff",
        primary_container="#e3e6ff",
        on_primary_container="#1b2380",
        secondary="#0f7a55",
        on_secondary="#ffffff",
        secondary_container="#e3e6ff",
        on_secondary_container="#1b2380",
        tertiary="#925c00",
        on_tertiary="#ffffff",
        error="#c2352b",
        on_error="#ffffff",
        surface="#f5f6f8",
        on_surface="#17202c",
        on_surface_variant="#566272",
        surface_container_low="#ffffff",
        surface_container="#ffffff",
        surface_container_high="#ffffff",
        outline="#9aa5b4",
        outline_variant="#dfe3ea",
    ),
)

DARK_THEME = ft.Theme(
    scaffold_bgcolor="#0d1015",
    color_scheme=ft.ColorScheme(
        primary="#97a5ff",
        on_primary="#10142c",
        primary_container="#272d58",
        on_primary_container="#dfe3ff",
        secondary="#4cc38a",
        on_secondary="#06231a",
        secondary_container="#272d58",
        on_secondary_container="#dfe3ff",
        tertiary="#e6ad4c",
        on_tertiary="#2a1a00",
        error="#f4766d",
        on_error="#2c0a08",
        surface="#0d1015",
        on_surface="#e7ecf3",
        on_surface_variant="#95a2b3",
        surface_container_low="#12161d",
        surface_container="#151a22",
        surface_container_high="#1b212b",
        outline="#566272",
        outline_variant="#262d38",
    ),
)


def tint(colour: ft.Colors, opacity: float = 0.12) -> str:
    """The colour as a background."""
    return ft.Colors.with_opacity(opacity, colour)

"""The navigation of wide screens: pages, and every component with its state."""

import flet as ft

from app.components.frontend import theme, widgets
from app.components.frontend.frame import Frame
from app.components.frontend.registry import Changes, Context, Page
from app.components.frontend.views.component_card import component_route
from app.core.constants import PROJECT_NAME
from app.services.system import State

WIDTH = 248


class NavItem:
    """A line that opens a route."""

    def __init__(
        self, context: Context, route: str, text: str, icon: ft.IconData, *, has_state: bool = False
    ) -> None:
        self.route = route
        self._has_state = has_state
        self._icon = ft.Icon(icon, size=18, color=theme.SOFT)
        self._text = ft.Text(
            text,
            size=14,
            color=theme.TEXT,
            expand=True,
            no_wrap=True,
            overflow=ft.TextOverflow.ELLIPSIS,
        )
        self._state = ft.Icon(ft.Icons.CHECK_CIRCLE_ROUNDED, size=14, visible=has_state)

        def open_route(_event: object) -> None:
            context.go(route)

        self.content = ft.Container(
            content=ft.Row([self._icon, self._text, self._state], spacing=12),
            padding=ft.Padding.symmetric(horizontal=14, vertical=10),
            border_radius=10,
            ink=True,
            on_click=open_route,
        )

    def show_selected(self, selected: bool, changes: Changes) -> None:
        """Show whether this is the open page."""
        background = ft.Colors.PRIMARY_CONTAINER if selected else None
        colour = ft.Colors.ON_PRIMARY_CONTAINER if selected else theme.TEXT
        changes.set(self.content, bgcolor=background)
        changes.set(self._text, color=colour)
        changes.set(self._icon, color=colour if selected else theme.SOFT)

    def show_state(self, state: State, changes: Changes) -> None:
        """Show a component's state."""
        changes.set(
            self._state,
            icon=theme.STATE_ICONS[state],
            color=theme.STATE_COLOURS[state],
            semantics_label=state.value,
        )


class Sidebar:
    """Pages on top, components below."""

    def __init__(self, context: Context, actions: list[ft.Control]) -> None:
        self._context = context
        self._route = "/"
        self._pages = [page_item(context, page) for page in context.registry.pages.values()]
        self._components: dict[str, NavItem] = {}
        self._list = ft.Column(spacing=2)
        caption = widgets.soft("COMPONENTS", size=11)
        caption.weight = ft.FontWeight.W_600
        self._about = widgets.soft(size=12)
        self._about.font_family = theme.MONO
        self.content = ft.Container(
            width=WIDTH,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
            border=ft.Border.only(right=ft.BorderSide(1, theme.LINE)),
            padding=14,
            content=ft.Column(
                [
                    ft.Container(ft.Row([brand()]), padding=_BRAND),
                    *[item.content for item in self._pages],
                    ft.Container(caption, padding=ft.Padding.only(left=14, top=18, bottom=4)),
                    ft.Column([self._list], scroll=ft.ScrollMode.AUTO, expand=True),
                    ft.Row([ft.Container(self._about, padding=_LEFT, expand=True), *actions]),
                ],
                spacing=2,
            ),
        )

    def show_route(self, route: str, changes: Changes) -> None:
        """Show which page is open."""
        self._route = route
        for item in (*self._pages, *self._components.values()):
            item.show_selected(is_within(route, item.route), changes)

    def show(self, frame: Frame, changes: Changes) -> None:
        """Show the components' states."""
        if list(self._components) != list(frame.components):
            registry = self._context.registry
            self._components = {
                name: NavItem(
                    self._context,
                    component_route(name),
                    registry.card(name).title_of(component),
                    registry.card(name).icon,
                    has_state=True,
                )
                for name, component in frame.components.items()
            }
            changes.set_controls(self._list, [item.content for item in self._components.values()])
            self.show_route(self._route, changes)
        for name, item in self._components.items():
            item.show_state(frame.components[name].state, changes)
        changes.set(self._about, value=frame.environment)


_LEFT = ft.Padding.only(left=14)
_BRAND = ft.Padding.only(left=8, top=6, bottom=14)


def is_within(route: str, page: str) -> bool:
    """Whether a route is that of a page, or below it."""
    return route == page or route.startswith(f"{page}/")


def page_item(context: Context, page: Page) -> NavItem:
    """The line of a page."""
    return NavItem(context, page.route, page.title, page.icon)


def brand() -> ft.Row:
    """The application's name and first letter."""
    return ft.Row(
        [
            ft.Container(
                ft.Text(
                    PROJECT_NAME[:1].upper(),
                    size=16,
                    weight=ft.FontWeight.W_700,
                    color=ft.Colors.ON_PRIMARY,
                ),
                width=32,
                height=32,
                border_radius=9,
                bgcolor=theme.ACCENT,
                alignment=ft.Alignment.CENTER,
            ),
            ft.Text(
                PROJECT_NAME,
                size=16,
                weight=ft.FontWeight.W_700,
                color=theme.TEXT,
                expand=True,
                no_wrap=True,
                overflow=ft.TextOverflow.ELLIPSIS,
            ),
        ],
        spacing=12,
        expand=True,
    )

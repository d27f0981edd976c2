"""One open dashboard: frame around the pages, routes, theme, and its place in the refresh loop."""

import flet as ft

from app.components.frontend import theme, widgets
from app.components.frontend.door import door, mounted_at
from app.components.frontend.frame import Frame
from app.components.frontend.opening import THEME_KEY, TITLE
from app.components.frontend.pages import registry
from app.components.frontend.refresh import RefreshLoop
from app.components.frontend.registry import Changes, Context, View
from app.components.frontend.sidebar import Sidebar, brand, is_within
from app.components.frontend.views import message
from app.components.frontend.views.component import ComponentView
from app.components.frontend.views.components import ComponentsView
from app.components.frontend.views.error import ErrorView
from app.core.logging import get_logger

log = get_logger(__name__)

WIDE = 960
"""From this width on there is a sidebar; below, a bar at the bottom."""

COMPONENTS = "/components"


class DashboardSession:
    """The dashboard in one browser tab."""

    def __init__(self, page: ft.Page, loop: RefreshLoop) -> None:
        self._page = page
        self._loop = loop
        self._changes = Changes()
        self._context = Context(registry(), self._go)
        self._routes = [*self._context.registry.pages, COMPONENTS]
        self._view: View | None = None
        self._title = ""
        self._is_themed = False
        self._preferences = ft.SharedPreferences()
        self._theme_buttons = [self._build_theme_button() for _ in range(2)]
        self._sidebar = Sidebar(self._context, self._build_actions(self._theme_buttons[0]))
        self._body = ft.Container(padding=_PADDING_WIDE)
        self._header = ft.Container(
            ft.Row([brand(), *self._build_actions(self._theme_buttons[1])]),
            padding=ft.Padding.symmetric(horizontal=16, vertical=8),
        )
        self._bottom = self._build_bottom()

    async def start(self) -> None:
        """Build the page and begin to follow."""
        page = self._page
        hide_exceptions(page)
        page.fonts = theme.FONTS
        page.theme, page.dark_theme = theme.LIGHT_THEME, theme.DARK_THEME
        page.padding = 0
        page.on_route_change = self._on_route_change
        page.on_resize = self._on_resize
        page.on_disconnect = self._on_leave
        page.on_close = self._on_leave
        page.on_connect = self._on_connect
        page.navigation_bar = self._bottom
        page.add(
            ft.Row(
                [
                    self._sidebar.content,
                    ft.Column(
                        [
                            self._header,
                            ft.Column(
                                [ft.SelectionArea(self._body)],
                                scroll=ft.ScrollMode.AUTO,
                                expand=True,
                            ),
                        ],
                        spacing=0,
                        expand=True,
                    ),
                ],
                spacing=0,
                expand=True,
                vertical_alignment=ft.CrossAxisAlignment.STRETCH,
            )
        )
        await self._open(page.route)
        self._loop.join(self)
        await self._restore_theme()
        # The browser shows nothing before the page has its title: `opening.py`.
        self._is_themed = True
        page.title = self._title
        page.update()

    async def show(self, frame: Frame) -> None:
        """Show a frame, sending only what changed."""
        self._sidebar.show(frame, self._changes)
        if self._view is not None:
            await self._view.show(frame, self._changes)
        changed = self._changes.take()
        if changed:
            self._page.update(*changed)

    def _build_theme_button(self) -> ft.IconButton:
        return ft.IconButton(
            icon=ft.Icons.DARK_MODE_ROUNDED,
            icon_size=20,
            tooltip="Switch theme",
            on_click=self._switch_theme,
        )

    def _build_actions(self, theme_button: ft.IconButton) -> list[ft.Control]:
        if not door().has_login:
            return [theme_button]
        log_out = ft.IconButton(
            icon=ft.Icons.LOGOUT_ROUNDED,
            icon_size=20,
            tooltip="Log out",
            url=ft.Url(f"{mounted_at.get()}/logout", target=ft.UrlTarget.SELF),
        )
        return [theme_button, log_out]

    def _build_bottom(self) -> ft.NavigationBar:
        pages = self._context.registry.pages.values()
        items = [ft.NavigationBarDestination(icon=p.icon, label=p.title) for p in pages]
        # What the sidebar of wider screens has.
        items.append(ft.NavigationBarDestination(ft.Icons.WIDGETS_ROUNDED, label="Components"))
        return ft.NavigationBar(
            destinations=items,
            on_change=self._on_bottom,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
            height=68,
        )

    def _go(self, route: str) -> None:
        self._page.navigate(route)

    async def _open(self, route: str) -> None:
        """Put the page of a route on the screen."""
        route = "/" + route.partition("?")[0].strip("/")
        frame = await self._loop.latest()
        try:
            view, title = self._build_view(route, frame)
            # The browser does not have its controls yet, so their changes are not to be sent.
            await view.show(frame, Changes())
        except Exception:
            log.exception("dashboard_page_failed", route=route)
            view, title = message.failed(self._context), "Failed"
        self._view = view
        self._sidebar.show(frame, self._changes)
        self._sidebar.show_route(route, self._changes)
        self._body.content = view.content
        for index, at in enumerate(self._routes):
            if is_within(route, at):
                self._bottom.selected_index = index
        self._title = title + TITLE
        if self._is_themed:
            self._page.title = self._title
        self._fit(self._page.width)
        # Everything is new, so everything is sent.
        self._changes.take()
        self._page.update()

    def _build_view(self, route: str, frame: Frame) -> tuple[View, str]:
        page = self._context.registry.pages.get(route)
        if page is not None:
            return page.build(self._context), page.title
        if route == COMPONENTS:
            return ComponentsView(self._context), "Components"
        component = frame.components.get(route.removeprefix(f"{COMPONENTS}/"))
        if is_within(route, COMPONENTS) and component is not None:
            card = self._context.registry.card(component.name)
            return ComponentView(self._context, component.name), card.title_of(component)
        if route.startswith(widgets.ERRORS):
            error = frame.error(route.removeprefix(widgets.ERRORS))
            if error is None:
                return message.forgotten(self._context), "Error"
            return ErrorView(self._context, error), error.kind
        return message.missing(self._context), "No such page"

    def _fit(self, width: float | None) -> None:
        wide = (width or WIDE) >= WIDE
        self._changes.set(self._sidebar.content, visible=wide)
        self._changes.set(self._header, visible=not wide)
        self._changes.set(self._bottom, visible=not wide)
        self._changes.set(self._body, padding=_PADDING_WIDE if wide else _PADDING)

    async def _on_route_change(self, event: ft.RouteChangeEvent) -> None:
        await self._open(event.route)

    async def _on_resize(self, event: ft.PageResizeEvent) -> None:
        self._fit(event.width)
        changed = self._changes.take()
        if changed:
            self._page.update(*changed)

    async def _on_bottom(self, event: ft.Event[ft.NavigationBar]) -> None:
        self._go(self._routes[event.control.selected_index])

    async def _on_leave(self, _event: object) -> None:
        self._loop.leave(self)
        # Flet keeps the session for a while; whoever comes back gets the page built anew.
        self._view = self._body.content = None
        self._body.update()

    async def _on_connect(self, _event: object) -> None:
        self._loop.join(self)
        await self._open(self._page.route)

    async def _switch_theme(self, _event: object) -> None:
        mode = ft.ThemeMode.LIGHT if self._is_dark() else ft.ThemeMode.DARK
        self._apply_theme(mode)
        self._page.update()
        await self._preferences.set(THEME_KEY, mode.value)

    async def _restore_theme(self) -> None:
        """The choice made before in this browser; the system's otherwise."""
        try:
            chosen = await self._preferences.get(THEME_KEY)
        except RuntimeError:
            # Browsers may be told to keep nothing.
            chosen = None
        if chosen in {ft.ThemeMode.LIGHT.value, ft.ThemeMode.DARK.value}:
            self._apply_theme(ft.ThemeMode(chosen))
        else:
            self._apply_theme(ft.ThemeMode.SYSTEM)

    def _apply_theme(self, mode: ft.ThemeMode) -> None:
        self._page.theme_mode = mode
        dark = self._is_dark()
        for button in self._theme_buttons:
            button.icon = ft.Icons.LIGHT_MODE_ROUNDED if dark else ft.Icons.DARK_MODE_ROUNDED

    def _is_dark(self) -> bool:
        if self._page.theme_mode is ft.ThemeMode.SYSTEM:
            return self._page.platform_brightness is ft.Brightness.DARK
        return self._page.theme_mode is ft.ThemeMode.DARK


def hide_exceptions(page: ft.Page) -> None:
    """Keep exceptions, which Flet logs, out of the browser, to which it would send them too."""
    session = page.session
    tell = session.error

    def error(_message: str) -> None:
        tell("Something went wrong. The logs say what.")

    session.error = error  # ty: ignore[invalid-assignment]


_PADDING = ft.Padding.only(left=16, right=16, bottom=24)
_PADDING_WIDE = ft.Padding.only(left=28, top=24, right=28, bottom=28)

"""The page of a component. It is made from the health check; a card can add to it."""

import flet as ft

from app.components.frontend import theme, widgets
from app.components.frontend.frame import Component, Figure, Frame, Part
from app.components.frontend.registry import Changes, Context, View


class ComponentView(View):
    """Everything that a component's health check says, and what its card adds."""

    def __init__(self, context: Context, name: str) -> None:
        self._name = name
        self._card = context.registry.card(name)
        self._more = self._card.more(context) if self._card.more else None
        self._title = widgets.heading("")
        self._pill = widgets.StatePill()
        self._message = widgets.soft(size=14)
        self._health = widgets.FigureTable()
        self._details = widgets.FigureTable()
        self._no_details = widgets.soft("Its health check gives no details.")
        self._parts = widgets.tiles()
        self._part_panels: dict[str, PartPanel] = {}
        self._parts_title = widgets.part_heading("Parts")

        def back(_event: object) -> None:
            context.go("/")

        super().__init__(
            ft.Column(
                [
                    ft.TextButton("Overview", icon=ft.Icons.ARROW_BACK_ROUNDED, on_click=back),
                    ft.Row(
                        [
                            ft.Icon(self._card.icon, size=28, color=theme.ACCENT),
                            self._title,
                            self._pill.content,
                        ],
                        spacing=14,
                        wrap=True,
                        vertical_alignment=ft.CrossAxisAlignment.CENTER,
                    ),
                    self._message,
                    widgets.tiles(
                        widgets.titled_panel("Details", self._no_details, self._details.content),
                        widgets.titled_panel("Health check", self._health.content),
                    ),
                    self._parts_title,
                    self._parts,
                    *([self._more.content] if self._more else []),
                ],
                spacing=16,
            )
        )

    async def show(self, frame: Frame, changes: Changes) -> None:
        """Show a frame."""
        component = frame.components.get(self._name)
        if component is not None:
            self._show_health(component, changes)
            self._show_parts(component.parts, changes)
        if self._more is not None:
            await self._more.show(frame, changes)

    def _show_health(self, component: Component, changes: Changes) -> None:
        changes.set(self._title, value=self._card.title_of(component))
        self._pill.show(component.state, changes)
        changes.set(self._message, value=component.message, visible=bool(component.message))
        changes.set(self._no_details, visible=not component.figures)
        self._details.show(component.figures, changes)
        self._health.show(
            (
                Figure("state", "State", component.state.value.capitalize()),
                Figure("since", "Since", component.since_at),
                Figure("for", "For", component.since),
                Figure("required", "Required", "yes" if component.required else "no"),
                Figure("check", "The check took", component.check),
            ),
            changes,
        )

    def _show_parts(self, parts: tuple[Part, ...], changes: Changes) -> None:
        panels = self._part_panels
        self._part_panels = {part.name: panels.get(part.name) or PartPanel(part) for part in parts}
        # Equally high, all of them.
        lines = max((len(part.figures) for part in parts), default=0)
        has_messages = any(part.message for part in parts)
        for part in parts:
            panel = self._part_panels[part.name]
            panel.show(part, changes, lines=lines, has_room=has_messages)
        contents: list[ft.Control] = [panel.content for panel in self._part_panels.values()]
        changes.set_controls(self._parts, contents)
        changes.set(self._parts_title, visible=bool(parts))


class PartPanel:
    """A part of a component, such as a queue."""

    def __init__(self, part: Part) -> None:
        self._pill = widgets.StatePill(part.state)
        self._message = widgets.TwoLines()
        self._figures = widgets.FigureList()
        title = widgets.section(part.title)
        title.expand = True
        self.content = widgets.panel(
            ft.Column(
                [
                    ft.Row([title, self._pill.content]),
                    self._message.content,
                    self._figures.content,
                ],
                spacing=10,
            ),
            col={"xs": 12, "sm": 6, "xl": 4},
        )

    def show(self, part: Part, changes: Changes, *, lines: int, has_room: bool) -> None:
        """Show the part's health, with room for so many figures, and for a message."""
        self._pill.show(part.state, changes)
        self._message.show(part.message, changes)
        changes.set(self._message.content, visible=has_room)
        self._figures.show(part.figures, changes, lines)

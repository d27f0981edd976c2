"""The cards of components, on the overview and by themselves."""

import flet as ft

from app.components.frontend import theme, widgets
from app.components.frontend.frame import Component, Frame
from app.components.frontend.registry import Changes, Context

FIGURES = 4
"""How many a card has room for. All cards are equally high."""


class ComponentCards:
    """The cards of all components."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._cards: dict[str, ComponentCard] = {}
        self.content = widgets.tiles()

    def show(self, frame: Frame, changes: Changes) -> None:
        """Show the components' health."""
        cards = self._cards
        self._cards = {
            name: cards.get(name) or ComponentCard(self._context, component)
            for name, component in frame.components.items()
        }
        for name, card in self._cards.items():
            card.show(frame.components[name], changes)
        contents: list[ft.Control] = [card.content for card in self._cards.values()]
        changes.set_controls(self.content, contents)


class ComponentCard:
    """State, message, key figures and since when. Opens the component's page."""

    def __init__(self, context: Context, component: Component) -> None:
        self._card = context.registry.card(component.name)
        self._pill = widgets.StatePill(component.state)
        self._message = widgets.TwoLines()
        self._figures = widgets.FigureList()
        self._since = widgets.soft(size=12)

        def open_page(_event: object) -> None:
            context.go(component_route(component.name))

        self.content = widgets.panel(
            ft.Column(
                [
                    ft.Row(
                        [
                            ft.Icon(self._card.icon, size=20, color=theme.ACCENT),
                            ft.Text(
                                self._card.title_of(component),
                                size=16,
                                weight=ft.FontWeight.W_600,
                                color=theme.TEXT,
                                expand=True,
                                no_wrap=True,
                                overflow=ft.TextOverflow.ELLIPSIS,
                            ),
                            self._pill.content,
                        ],
                        spacing=10,
                    ),
                    self._message.content,
                    self._figures.content,
                    self._since,
                ],
                spacing=10,
            ),
            col={"xs": 12, "sm": 6, "xl": 4},
        )
        self.content.ink = True
        self.content.on_click = open_page

    def show(self, component: Component, changes: Changes) -> None:
        """Show the component's health."""
        self._pill.show(component.state, changes)
        self._message.show(component.message, changes)
        self._figures.show(self._card.figures_of(component, FIGURES), changes, FIGURES)
        state = component.state.value.capitalize()
        changes.set(self._since, value=f"{state} for {component.since}")


def component_route(name: str) -> str:
    """Where a component's page is."""
    return f"/components/{name}"

"""What components and users add to the dashboard. `pages/__init__.py` is where you do."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.components.frontend.frame import Component, Figure, Frame


class Changes:
    """The controls whose values really changed, to be sent to the browser together.

    Comparing first is what makes a dashboard cheap on which nothing happens.
    """

    def __init__(self) -> None:
        self._controls: dict[int, ft.Control] = {}

    def set(self, control: ft.Control, **values: object) -> None:
        """Give a control new values."""
        for name, value in values.items():
            if getattr(control, name) != value:
                setattr(control, name, value)
                self._controls[id(control)] = control

    def set_controls(
        self, container: ft.Column | ft.Row | ft.ResponsiveRow, controls: list[ft.Control]
    ) -> None:
        """Give a container new children; those that it had already stay as they are."""
        if [id(c) for c in container.controls] != [id(c) for c in controls]:
            container.controls = controls
            self._controls[id(container)] = container

    def take(self) -> list[ft.Control]:
        """The changed controls, once."""
        taken = list(self._controls.values())
        self._controls.clear()
        return taken


class View:
    """A page, or a part of one: a control, and how it follows the frames."""

    def __init__(self, content: ft.Control) -> None:
        self.content = content

    async def show(self, frame: Frame, changes: Changes) -> None:
        """Show a frame. Runs once a second while the view is open, so it should be quick."""


class LookingView(View):
    """A view of what no frame holds: it looks for itself, every few seconds, since that is not free."""

    seconds = 3.0
    """How long it waits from one look to the next."""

    def __init__(self, content: ft.Control) -> None:
        super().__init__(content)
        self._next_at = 0.0

    async def show(self, frame: Frame, changes: Changes) -> None:
        """Look, if it is time to."""
        if time.monotonic() < self._next_at:
            return
        self.look_again(self.seconds)
        await self.look(changes)

    async def look(self, changes: Changes) -> None:
        """Find out how things are, and show it."""

    def look_again(self, seconds: float = 0.0) -> None:
        """Look with the next frame, or once some seconds are over."""
        self._next_at = time.monotonic() + seconds


@dataclass(frozen=True, slots=True)
class Context:
    """What a view can use."""

    registry: "Registry"
    go: Callable[[str], None]
    """Opens a route of the dashboard: `context.go("/activity")`."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page in the navigation."""

    route: str
    title: str
    icon: ft.IconData
    build: Callable[[Context], View]


@dataclass(frozen=True, slots=True)
class Card:
    """How a component's health is shown; one that has no card gets a plain one."""

    name: str
    """The name of its health check."""
    icon: ft.IconData
    title: str = ""
    figures: tuple[str, ...] = ()
    """The details to show on the card, by key; the first ones otherwise."""
    more: Callable[[Context], View] | None = None
    """Builds what the component's page shows besides the health."""

    def title_of(self, component: Component) -> str:
        """What the component is called."""
        return self.title or component.title

    def figures_of(self, component: Component, limit: int = 4) -> list[Figure]:
        """The figures for the card."""
        if self.figures:
            found = [component.figure(key) for key in self.figures]
            return [figure for figure in found if figure is not None]
        return list(component.figures[:limit])


@dataclass
class Registry:
    """The pages and cards of this application."""

    pages: dict[str, Page] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)

    def add_page(self, page: Page) -> None:
        """Add a page."""
        if page.route in self.pages:
            raise ValueError(f"There is a page at {page.route!r} already.")
        self.pages[page.route] = page

    def add_card(self, card: Card) -> None:
        """Say how a component is shown."""
        if card.name in self.cards:
            raise ValueError(f"There is a card for {card.name!r} already.")
        self.cards[card.name] = card

    def card(self, name: str) -> Card:
        """How a component is shown."""
        return self.cards.get(name) or Card(name, icon=ft.Icons.WIDGETS_ROUNDED)

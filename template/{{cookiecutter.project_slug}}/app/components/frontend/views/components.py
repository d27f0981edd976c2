"""The components by themselves, for screens that are too narrow for the sidebar."""

import flet as ft

from app.components.frontend import widgets
from app.components.frontend.frame import Frame
from app.components.frontend.registry import Changes, Context, View
from app.components.frontend.views.component_card import ComponentCards


class ComponentsView(View):
    """A card for each of them."""

    def __init__(self, context: Context) -> None:
        self._cards = ComponentCards(context)
        title = widgets.heading("Components")
        super().__init__(ft.Column([title, self._cards.content], spacing=16))

    async def show(self, frame: Frame, changes: Changes) -> None:
        """Show a frame."""
        self._cards.show(frame, changes)

"""What happened lately."""

import flet as ft

from app.components.frontend import widgets
from app.components.frontend.frame import RECENT, Frame
from app.components.frontend.registry import Changes, Context, View


class ActivityView(View):
    """The latest requests and errors."""

    def __init__(self, context: Context) -> None:
        self._requests = widgets.RequestList(RECENT, whole=True)
        self._errors = widgets.ErrorList(RECENT, context.go, whole=True)
        super().__init__(
            ft.Column(
                [
                    widgets.heading("Activity"),
                    widgets.soft("What was answered since the start. Times are UTC."),
                    widgets.tiles(
                        _list("Errors", self._errors.content, wide=4),
                        _list("Requests", self._requests.content, wide=8),
                    ),
                ],
                spacing=16,
            )
        )

    async def show(self, frame: Frame, changes: Changes) -> None:
        """Show a frame."""
        self._requests.show(frame.requests, changes)
        self._errors.show(frame.errors, changes)


def _list(title: str, content: ft.Control, wide: int) -> ft.Control:
    return widgets.panel(
        ft.Column([widgets.section(title), content], spacing=14), col={"xs": 12, "xxl": wide}
    )

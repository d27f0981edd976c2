"""What somebody does in the dashboard: asked once more where it cannot be taken back, and noted."""

from collections.abc import Awaitable, Callable

import flet as ft

from app.components.frontend.door import viewer
from app.core.explain import error_line
from app.core.logging import get_logger

log = get_logger(__name__)


async def perform(action: str, work: Awaitable[object], **about: object) -> str:
    """Do it, and note in the log who did it.

    Returns:
        Why it did not work; nothing when it did.
    """
    found = viewer.get()
    by = found.name if found is not None else ""
    try:
        await work
    except Exception as error:
        reason = error_line(error)
        log.warning("dashboard_action_failed", action=action, by=by, reason=reason, **about)
        return reason
    log.info("dashboard_action", action=action, by=by, **about)
    return ""


class AskingButton:
    """A button for what cannot be taken back. It asks in its own place."""

    def __init__(
        self, icon: ft.IconData, action: str, on_yes: Callable[[], Awaitable[None]]
    ) -> None:
        self._on_yes = on_yes
        self._button = ft.IconButton(
            icon=icon, icon_size=18, tooltip=action, on_click=self._on_press
        )
        self._question = ft.Row(
            [
                ft.TextButton(f"{action}?", on_click=self._on_agree),
                ft.TextButton("No", on_click=self._on_refuse),
            ],
            spacing=0,
            tight=True,
            visible=False,
        )
        self.content = ft.Row([self._button, self._question], spacing=0, tight=True)

    def _ask(self, *, is_asking: bool) -> None:
        self._button.visible = not is_asking
        self._question.visible = is_asking
        self.content.update()

    async def _on_press(self, _event: object) -> None:
        self._ask(is_asking=True)

    async def _on_refuse(self, _event: object) -> None:
        self._ask(is_asking=False)

    async def _on_agree(self, _event: object) -> None:
        self._ask(is_asking=False)
        await self._on_yes()

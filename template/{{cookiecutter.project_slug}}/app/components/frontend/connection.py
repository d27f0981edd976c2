"""A browser that is connected, as Flet sees it. Loaded with Flet, when somebody looks."""

from flet.messaging.protocol import Message
from flet_web.fastapi import FletApp
from starlette.websockets import WebSocket, WebSocketState


class BrowserConnection(FletApp):
    """Flet's own, for browsers that leave while they are being told something."""

    async def handle(self, websocket: WebSocket) -> None:
        """Serve the browser until it leaves."""
        self._browser = websocket
        await super().handle(websocket)

    def send_message(self, message: Message) -> None:
        """Send, unless nobody is there: Flet has no queue any more before its session hears of it."""
        if self._browser.client_state is not WebSocketState.DISCONNECTED:
            super().send_message(message)

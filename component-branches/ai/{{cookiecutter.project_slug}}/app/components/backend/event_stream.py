"""Server-sent events that notice when their reader leaves, and give up on one that reads nothing."""

import asyncio
import json
from collections.abc import AsyncGenerator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PING = b": ping\n\n"
"""For proxies, which close what is silent."""
READER_SECONDS = 60.0
"""Whoever takes nothing for so long has left without saying so."""

_HEADERS = {
    "Cache-Control": "no-cache",
    # Proxies such as nginx would keep the events until the end.
    "X-Accel-Buffering": "no",
}


def sse(event: str, data: object) -> bytes:
    """An event as it travels."""
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


class EventStream(Response):
    """Sends what `events` yields. However that ends, the generator is closed at once.

    Plain tasks and no cancel scopes: within those, closing could not wait for anything.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes]) -> None:
        self.events = events
        self._begun = False
        super().__init__(headers=_HEADERS)
        del self.headers["Content-Length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(wait_for_disconnect(receive))
        stopped = False
        try:
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            # The server stops, and waits no longer: end in order what was begun.
            stopped = True
        sending.cancel()
        leaving.cancel()
        result, _ = await asyncio.gather(sending, leaving, return_exceptions=True)
        if stopped and self._begun:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        elif isinstance(result, Exception) and not isinstance(result, OSError):
            raise result

    async def _send(self, send: Send) -> None:
        try:
            start = {"status": self.status_code, "headers": self.raw_headers}
            await send({"type": "http.response.start", **start})
            self._begun = True
            async for piece in self.events:
                # A reader that takes nothing: TimeoutError is an OSError, like a broken connection.
                async with asyncio.timeout(READER_SECONDS):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await self.events.aclose()


async def wait_for_disconnect(receive: Receive) -> None:
    """Wait until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass

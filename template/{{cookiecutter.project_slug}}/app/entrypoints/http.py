"""HTTP as the web process speaks it: uvicorn's, with bounds for what comes before a request.

uvicorn waits for the end of the headers as long as a client likes, and takes as many as it sends.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0
"""How long a client may take from its connection, or from its first byte, to the end of its headers."""
HEADER_BYTES = 64 * 1024
"""How much may come before the end of the headers."""


class BoundedProtocol(HttpToolsProtocol):
    """Closes connections whose headers do not end. Keep-alive has a limit of its own."""

    _is_waiting = False
    _received = 0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._is_waiting = True
        self._set_deadline()

    def data_received(self, data: bytes) -> None:
        """Count what belongs to no request yet."""
        if self._is_waiting:
            self._received += len(data)
        super().data_received(data)
        # Parsed first: a body may come in one piece with its headers.
        if not self._is_waiting:
            return
        if self._received > HEADER_BYTES:
            self._close()
        elif self._deadline is None:
            # Not before: most headers come in one piece, and a timer for each request costs time.
            self._set_deadline()

    def on_message_begin(self) -> None:
        """The next request on the same connection."""
        super().on_message_begin()
        self._is_waiting = True

    def on_headers_complete(self) -> None:
        """From here on the limits of the application hold."""
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _set_deadline(self) -> None:
        self._deadline = self.loop.call_later(HEADER_SECONDS, self._close)

    def _stop_waiting(self) -> None:
        self._is_waiting = False
        self._received = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _close(self) -> None:
        self._stop_waiting()
        self.transport.close()

"""Gives every request an id: in its logs, in its answer and in its errors."""

import itertools
import re
import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.constants import REQUEST_ID_HEADER
from app.core.context import request_id

_HEADER = REQUEST_ID_HEADER.lower().encode()
_ACCEPTED = re.compile(rb"[A-Za-z0-9._-]{1,64}")

# Unique is all that an id must be: a counter behind a prefix per process is much cheaper than a UUID.
_prefix = secrets.token_hex(4)
_counter = itertools.count(1)


class RequestIDMiddleware:
    """Takes the id that a proxy has given, or makes one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        raw = b""
        for name, value in scope["headers"]:
            if name == _HEADER:
                # What strangers send ends up in logs.
                raw = value if _ACCEPTED.fullmatch(value) else b""
                break
        text = raw.decode() if raw else f"{_prefix}{next(_counter):08x}"
        header = (_HEADER, text.encode())

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append(header)
            await send(message)

        token = request_id.set(text)
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            request_id.reset(token)

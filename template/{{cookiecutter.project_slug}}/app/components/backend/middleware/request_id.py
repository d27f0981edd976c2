"""Gives every request an id: in its logs, in its answer and in its errors."""

import itertools
import re
import secrets
from collections.abc import Awaitable

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

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Handle a request."""
        if scope["type"] == "lifespan":
            return self.app(scope, receive, send)
        raw = b""
        for name, value in scope["headers"]:
            if name == _HEADER:
                # What strangers send ends up in logs.
                raw = value if _ACCEPTED.fullmatch(value) else b""
                break
        text = raw.decode() if raw else f"{_prefix}{next(_counter):08x}"
        header = (_HEADER, text.encode())

        def send_with_id(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), header]
            return send(message)

        # Never reset: the server gives each request a context of its own.
        request_id.set(text)
        return self.app(scope, receive, send_with_id)

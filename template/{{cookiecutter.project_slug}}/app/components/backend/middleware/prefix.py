"""Below a path of a shared host, such as https://intranet/tool/, whether the proxy strips that path or not."""

import re
from collections.abc import Awaitable, Container
from typing import Any, cast

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.core.config import FORWARDED_PREFIX, Settings

_HEADER = FORWARDED_PREFIX.lower().encode()
_ACCEPTED = re.compile(r"(/[\w.~-]+)+")


def middleware(config: Settings) -> list[Middleware]:
    """Nothing while `ROOT_PATH` is empty."""
    if config.ROOT_PATH == FORWARDED_PREFIX:
        # The server would forget which proxy it was before we can ask.
        return [
            Middleware(ForwardedPrefixMiddleware, trusted=config.TRUSTED_PROXIES),
            Middleware(ProxyHeadersMiddleware, trusted_hosts=config.TRUSTED_PROXIES),
        ]
    if config.ROOT_PATH:
        return [Middleware(PrefixMiddleware, prefix=config.ROOT_PATH)]
    return []


class PrefixMiddleware:
    """Lets everything behind it know the public path: redirects, OpenAPI, cookies, the dashboard."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app = app
        self.prefix = prefix

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Handle a request or a websocket."""
        if scope["type"] != "lifespan":
            scope = below(self.prefix, scope)
        return self.app(scope, receive, send)


class ForwardedPrefixMiddleware:
    """The same with the path that a trusted proxy names."""

    def __init__(self, app: ASGIApp, trusted: list[str]) -> None:
        self.app = app
        known = ProxyHeadersMiddleware(cast("Any", app), trusted)
        self.trusted: Container[str | None] = known.trusted_hosts

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Handle a request or a websocket."""
        if scope["type"] != "lifespan":
            client = scope.get("client")
            named = [value for name, value in scope["headers"] if name == _HEADER]
            if len(named) == 1 and client is not None and client[0] in self.trusted:
                prefix = named[0].decode("latin-1").rstrip("/")
                if _ACCEPTED.fullmatch(prefix):
                    scope = below(prefix, scope)
        return self.app(scope, receive, send)


def below(prefix: str, scope: Scope) -> Scope:
    """The request as it is for the outside. A proxy may have stripped the path or left it."""
    path, raw = scope["path"], scope.get("raw_path")
    changed = {**scope, "root_path": prefix + scope.get("root_path", "")}
    if path != prefix and not path.startswith(f"{prefix}/"):
        changed["path"] = prefix + path
        if raw is not None:
            changed["raw_path"] = prefix.encode() + raw
    return changed

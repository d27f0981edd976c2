"""Refuses requests for host names that are not ours."""

from collections.abc import Awaitable

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.components.backend.errors import problem
from app.core.config import Settings

# Health checks inside a container ask by these names.
_LOCAL = {"localhost", "127.0.0.1", "[::1]"}


def middleware(config: Settings) -> list[Middleware]:
    """Nothing while `ALLOWED_HOSTS` accepts everything."""
    if "*" in config.ALLOWED_HOSTS:
        return []
    return [Middleware(TrustedHostsMiddleware, allowed=config.ALLOWED_HOSTS)]


class TrustedHostsMiddleware:
    """Compares the `Host` header with the allowed names; `*.example.com` allows subdomains."""

    def __init__(self, app: ASGIApp, allowed: list[str]) -> None:
        self.app = app
        self.exact = _LOCAL | {host.lower() for host in allowed if not host.startswith("*.")}
        self.suffixes = tuple(host[1:].lower() for host in allowed if host.startswith("*."))

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Handle a request."""
        if scope["type"] == "lifespan" or self.is_allowed(scope):
            return self.app(scope, receive, send)
        response = problem(400, "The Host header names a host that is not served here.")
        return response(scope, receive, send)

    def is_allowed(self, scope: Scope) -> bool:
        """Whether the request is for one of our names."""
        raw = next((value for name, value in scope["headers"] if name == b"host"), b"")
        host = raw.decode("latin-1").lower()
        if not host.endswith("]"):
            host = host.rpartition(":")[0] or host
        return host in self.exact or host.endswith(self.suffixes or ("\0",))

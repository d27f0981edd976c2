"""Middleware, each in a module of its own.

All of it is plain ASGI. Where a function has nothing to wait for, it passes on what the next one
returns instead of awaiting it: every request goes through here, and a coroutine less is time saved.
"""

from starlette.middleware import Middleware

from app.components.backend.middleware import (
    cors,
    failures,
    limits,
    prefix,
    request_id,
    security_headers,
    timing,
    trusted_hosts,
)
from app.core.config import Settings
from app.stack import COMPONENTS


def build_middleware(config: Settings) -> list[Middleware]:
    """The middleware, from the outermost to the innermost."""
    chosen = [
        *prefix.middleware(config),
        Middleware(request_id.RequestIDMiddleware),
        Middleware(security_headers.SecurityHeadersMiddleware, config=config),
        Middleware(timing.TimingMiddleware, config=config),
        *(around for component in COMPONENTS for around in component.middleware(config)),
        *trusted_hosts.middleware(config),
        *cors.middleware(config),
        Middleware(limits.LimitsMiddleware, config=config),
        Middleware(failures.FailuresMiddleware),
    ]
    # Your middleware
    return chosen

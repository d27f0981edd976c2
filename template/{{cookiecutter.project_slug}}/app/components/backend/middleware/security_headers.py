"""Tells browsers to be careful with what this application sends."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.config import Settings
from app.core.constants import DASHBOARD_PATH, DOCS_PATH

_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]
_PAGES_ONLY = [
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")

# An API answers data: nothing in it may load or run anything, nor has it links to follow. Every
# header costs time in every answer.
_API_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
# Swagger UI comes from here as well; its page starts it with a few lines of its own.
_DOCS_POLICY = (
    b"content-security-policy",
    b"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
)


class SecurityHeadersMiddleware:
    """Adds the headers. The dashboard brings a content policy of its own."""

    def __init__(self, app: ASGIApp, config: Settings) -> None:
        self.app = app
        common = [*_ALWAYS, _HTTPS_ONLY] if config.is_production else _ALWAYS
        self.api = [*common, _API_POLICY]
        self.docs = [*common, *_PAGES_ONLY, _DOCS_POLICY]
        self.dashboard = [*common, *_PAGES_ONLY]

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Handle a request."""
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        path: str = scope["path"]
        if path.startswith(DASHBOARD_PATH):
            headers = self.dashboard
        elif path.startswith(DOCS_PATH):
            headers = self.docs
        else:
            headers = self.api

        def send_with_headers(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *headers]
            return send(message)

        return self.app(scope, receive, send_with_headers)

"""Tells browsers to be careful with what this application sends."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.components.backend.middleware.route_path import local_path
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
_HSTS = b"max-age=31536000"

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
    """Adds the headers. The dashboard and other pages bring a content policy of their own."""

    def __init__(self, app: ASGIApp, config: Settings) -> None:
        self.app = app
        common = [*_ALWAYS]
        if config.is_production:
            value = _HSTS + b"; includeSubDomains" if config.HSTS_SUBDOMAINS else _HSTS
            common.append((b"strict-transport-security", value))
        self.api = [*common, _API_POLICY]
        self.docs = [*common, *_PAGES_ONLY, _DOCS_POLICY]
        self.pages = [*common, *_PAGES_ONLY]

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Handle a request."""
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        path = f"{local_path(scope)}/"
        if path.startswith(f"{DASHBOARD_PATH}/"):
            headers = self.pages
        elif path.startswith(f"{DOCS_PATH}/"):
            headers = self.docs
        else:
            headers = self.api

        def send_with_headers(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                own = message.get("headers", ())
                is_page = any(name == b"content-security-policy" for name, _ in own)
                message["headers"] = [*own, *(self.pages if is_page else headers)]
            return send(message)

        return self.app(scope, receive, send_with_headers)

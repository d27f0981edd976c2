"""All routes below `/api/auth`, and the pages that links in mails open."""

from fastapi import FastAPI

from app.components.backend.api.auth import account, login, pages, second_factor, sessions, users

LARGEST_BODY = 16 * 1024
"""Nothing here is longer. What is, is refused before it is read."""


def include_auth(app: FastAPI) -> None:
    """Add them to the application."""
    for module in (account, login, second_factor, sessions, users):
        app.include_router(module.router, max_body_size=LARGEST_BODY)
    app.include_router(pages.router)

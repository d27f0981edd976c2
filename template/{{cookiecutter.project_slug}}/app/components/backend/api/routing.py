"""Every router of the API, by name."""

from fastapi import FastAPI

from app.components.backend.api import health


def include_routers(app: FastAPI) -> None:
    """Include the routers. Nothing is found by scanning."""
    app.include_router(health.router)
    # slot: routers
    # Your routers

"""Every router of the API: the components', and yours."""

from fastapi import FastAPI

from app.components.backend.api import health
from app.stack import COMPONENTS


def include_routers(app: FastAPI) -> None:
    """Include the routers. Nothing is found by scanning."""
    # Its routes themselves, not the router: asked all the time, they are found without a detour.
    app.router.routes.extend(health.router.routes)
    for component in COMPONENTS:
        component.api(app)
    # Your routers

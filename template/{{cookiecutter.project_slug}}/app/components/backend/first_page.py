"""What people find who come without a path."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from app.core.config import Settings
from app.core.constants import DASHBOARD_PATH, DOCS_PATH


def add_first_page(app: FastAPI, config: Settings) -> None:
    """Lead from `/` to what `FIRST_PAGE` says, if it is there and no router of yours has something at `/`."""
    places = {
        "dashboard": DASHBOARD_PATH if config.DASHBOARD_ENABLED else None,
        "docs": DOCS_PATH if config.docs_enabled else None,
    }
    place = places.get(config.FIRST_PAGE)
    if place is None:
        return

    async def lead(request: Request) -> RedirectResponse:
        # Below a proxy's prefix, if there is one.
        root: str = request.scope.get("root_path", "")
        return RedirectResponse(f"{root.rstrip('/')}{place}")

    app.router.routes.append(Route("/", lead))

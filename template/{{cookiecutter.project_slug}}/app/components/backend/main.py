"""Assembles the web application, and nothing else."""

from fastapi import FastAPI

from app.components.backend.api.routing import include_routers
from app.components.backend.docs import mount_docs
from app.components.backend.errors import add_error_handlers
from app.components.backend.first_page import add_first_page
from app.components.backend.lifespan import lifespan
from app.components.backend.middleware import build_middleware
from app.components.backend.openapi import Application
from app.components.frontend import mount_dashboard
from app.core.config import Settings, settings
from app.core.constants import PROJECT_DESCRIPTION, PROJECT_NAME
from app.core.logging import configure_logging
from app.core.version import version


def create_app(config: Settings = settings) -> FastAPI:
    """Build the application. Nothing runs, and no connection opens, before it starts."""
    configure_logging(config)
    app = Application(
        title=PROJECT_NAME,
        description=PROJECT_DESCRIPTION,
        version=version(),
        # FastAPI's own pages load their scripts from elsewhere; `docs.py` is ours.
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if config.docs_enabled else None,
        lifespan=lifespan,
        middleware=build_middleware(config),
    )
    include_routers(app)
    # Yours come last, so they win.
    add_error_handlers(app)
    if config.docs_enabled:
        mount_docs(app)
    add_first_page(app, config)
    if config.DASHBOARD_ENABLED:
        mount_dashboard(app)
    return app

"""What lives as long as the web application does."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from app.components.backend.shutdown import on_shutdown
from app.components.backend.startup import on_startup
from app.components.frontend import dashboard_lifespan
from app.core.config import settings
from app.core.heartbeat import beating
from app.core.resources import open_shared_resources
from app.core.this_process import this_name
from app.services.metrics import sampling
from app.services.system import status_service, watching


def resources(app: FastAPI) -> list[AbstractAsyncContextManager[object]]:
    """What to open at start, in this order, and to close in the reverse order.

    A resource that routes need puts itself on `app.state`. What other processes need as well
    belongs to `app/core/resources.py`.
    """
    if settings.READY_REQUIRES is not None:
        # A name that nobody has ends the start.
        status_service()
    opened: list[AbstractAsyncContextManager[object]] = [
        open_shared_resources(),
        sampling(settings.METRICS_INTERVAL_SECONDS, settings.FIGURES_DIR),
        watching(),
    ]
    # Your resources
    if settings.DASHBOARD_ENABLED:
        opened.append(dashboard_lifespan())
    return opened


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Open the resources, run the hooks, serve, and undo it all."""
    async with AsyncExitStack() as stack:
        for resource in resources(app):
            await stack.enter_async_context(resource)
        await on_startup(app)
        await stack.enter_async_context(beating(this_name()))
        try:
            yield
        finally:
            await on_shutdown(app)

"""The dashboard, in the backend's process."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI


def mount_dashboard(app: FastAPI) -> None:
    """Mount the dashboard at `/dashboard`."""


def dashboard_lifespan() -> AbstractAsyncContextManager[None]:
    """Run what the dashboard needs while the application serves."""

    @asynccontextmanager
    async def running() -> AsyncGenerator[None]:
        yield

    return running()

"""The dashboard ("Overseer"), in the backend's process at `/dashboard`.

Flet is imported with the first request for the dashboard, not with the application.
"""

from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI

from app.components.frontend.door import Door, door
from app.components.frontend.gate import Gate
from app.components.frontend.server import FletServer, serving
from app.core import formatting
from app.core.constants import DASHBOARD_PATH

# Views take their pieces from here: `from app.components.frontend import formatting, theme, widgets`.
__all__ = ["dashboard_lifespan", "formatting", "mount_dashboard"]


def mount_dashboard(app: FastAPI, before: Door | None = None) -> None:
    """Mount the dashboard behind its gate, with the door of this application or another one."""
    app.mount(DASHBOARD_PATH, Gate(FletServer(), before or door()), name="dashboard")


def dashboard_lifespan() -> AbstractAsyncContextManager[None]:
    """Run what the dashboard needs while the application serves."""
    return serving()

"""An example: writes to the log how the application is doing."""

from typing import Any

from app.core.logging import get_logger
from app.services.system import get_system_status

log = get_logger(__name__)


async def report_health(ctx: dict[str, Any]) -> str:
    """Log the health, and return the state."""
    status = await get_system_status()
    states = {name: component.state.value for name, component in status.components.items()}
    log.info("health_report", state=status.state.value, components=states)
    return status.state.value

"""An example: writes to the log, once an hour, how the application is doing."""

from app.core.logging import get_logger
from app.services.system import get_system_status

log = get_logger(__name__)


async def report_health() -> None:
    """Log the health."""
    status = await get_system_status()
    states = {name: component.state.value for name, component in status.components.items()}
    log.info("health_report", state=status.state.value, components=states)

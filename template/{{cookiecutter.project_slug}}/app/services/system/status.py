"""One status for everybody who asks: the API, the dashboard and the CLI."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from app.core.config import settings
from app.core.constants import PROJECT_SLUG
from app.core.version import version
from app.services.system.checks import register_checks
from app.services.system.models import Alert, ComponentHealth, State, SystemStatus
from app.services.system.registry import STARTED_AT, HealthRegistry
from app.services.system.resources import find_alerts, read_resources

MAX_AGE_SECONDS = 1.0


class StatusService:
    """Runs the checks at most once a second, however many ask."""

    def __init__(self, registry: HealthRegistry) -> None:
        self.registry = registry
        self._latest: SystemStatus | None = None
        self._latest_at = 0.0
        self._running: asyncio.Task[SystemStatus] | None = None

    async def get(self, max_age: float = MAX_AGE_SECONDS) -> SystemStatus:
        """The status, at most `max_age` seconds old."""
        if self._latest is not None and time.monotonic() - self._latest_at < max_age:
            return self._latest
        running = self._running
        loop = asyncio.get_running_loop()
        if running is None or running.done() or running.get_loop() is not loop:
            running = self._running = loop.create_task(self._refresh())
        # Whoever gives up waiting must not cancel the run for all others.
        return await asyncio.shield(running)

    async def _refresh(self) -> SystemStatus:
        components = await self.registry.run()
        resources = read_resources()
        now = datetime.now(UTC)
        alerts = find_alerts(resources)
        state = overall_state(components, alerts)
        status = SystemStatus(
            app=PROJECT_SLUG,
            version=version(),
            environment=settings.APP_ENV,
            overall_healthy=state is not State.UNHEALTHY,
            state=state,
            started_at=STARTED_AT,
            checked_at=now,
            uptime_seconds=round((now - STARTED_AT).total_seconds(), 1),
            components=components,
            resources=resources,
            alerts=alerts,
        )
        self._latest, self._latest_at = status, time.monotonic()
        return status


def overall_state(components: dict[str, ComponentHealth], alerts: Sequence[Alert] = ()) -> State:
    """Unhealthy if something required is; degraded if anything is not healthy, or there is an alert."""
    if any(c.required and c.state is State.UNHEALTHY for c in components.values()):
        return State.UNHEALTHY
    if alerts or any(c.state is not State.HEALTHY for c in components.values()):
        return State.DEGRADED
    return State.HEALTHY


@lru_cache(maxsize=1)
def status_service() -> StatusService:
    """The service with this application's checks."""
    registry = HealthRegistry()
    register_checks(registry)
    return StatusService(registry)


async def get_system_status(max_age: float = MAX_AGE_SECONDS) -> SystemStatus:
    """The health tree, at most `max_age` seconds old."""
    return await status_service().get(max_age)

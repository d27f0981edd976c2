"""The health checks that this application has, in plain Python."""

import os

from app.core.config import settings
from app.services.metrics import metrics
from app.services.system.models import CheckResult, State
from app.services.system.registry import HealthRegistry
from app.services.system.resources import find_alerts, read_resources


def register_checks(registry: HealthRegistry) -> None:
    """Register every check."""
    registry.register("backend", check_backend, timeout=settings.HEALTH_TIMEOUT_SECONDS)
    registry.register(
        "machine", check_machine, timeout=settings.HEALTH_TIMEOUT_SECONDS, required=False
    )
    # slot: checks
    # Your checks


async def check_backend() -> CheckResult:
    """The event loop answers, or this would not run; the figures say how it is doing."""
    return CheckResult.healthy(
        "Serving requests" if metrics.requests_total else "Ready",
        requests_total=metrics.requests_total,
        errors_total=metrics.errors_total,
        average_ms=round(metrics.average_ms, 2),
    )


async def check_machine() -> CheckResult:
    """Room is left in memory and on the disk. A busy CPU is worth an alert, but nothing is wrong."""
    resources = read_resources()
    short = [alert for alert in find_alerts(resources) if alert.resource != "cpu"]
    message = "; ".join(alert.message for alert in short) or "Enough memory and disk"
    return CheckResult(
        state=State.DEGRADED if short else State.HEALTHY,
        message=message,
        details={
            "memory_free_bytes": resources.memory_total_bytes - resources.memory_used_bytes,
            "disk_free_bytes": resources.disk_total_bytes - resources.disk_used_bytes,
            "cpu_count": os.cpu_count(),
            "load_average": round(os.getloadavg()[0], 1),
        },
    )

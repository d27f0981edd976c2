"""The health checks that this application has, in plain Python."""

import os

from app.core.config import settings
from app.services.metrics import metrics
from app.services.system.models import CheckResult, State
from app.services.system.registry import HealthRegistry
from app.services.system.resources import find_alerts, read_resources
from app.stack import COMPONENTS


def register_checks(registry: HealthRegistry) -> None:
    """Register every check."""
    registry.register("backend", check_backend, timeout=settings.HEALTH_TIMEOUT_SECONDS)
    registry.register(
        "machine", check_machine, timeout=settings.HEALTH_TIMEOUT_SECONDS, required=False
    )
    for component in COMPONENTS:
        component.checks(registry)
    # Your checks
    registry.require(settings.READY_REQUIRES)


async def check_backend() -> CheckResult:
    """The event loop answers, or this would not run; the figures say how it is doing."""
    return CheckResult.healthy(
        "Serving requests" if metrics.requests_total else "Ready",
        requests_total=metrics.requests_total,
        errors_total=metrics.errors_total,
        average_ms=round(metrics.average_ms, 2),
        # One goes without saying.
        **({"processes": metrics.processes} if metrics.processes > 1 else {}),
    )


async def check_machine() -> CheckResult:
    """Room is left in memory and on the disk. A busy CPU is worth an alert, but nothing is wrong."""
    resources = read_resources()
    problems = [alert.message for alert in find_alerts(resources) if alert.resource != "cpu"]
    problems += [volume.problem for volume in resources.volumes if volume.problem]
    free = {
        f"{volume.name}_free_bytes": volume.total_bytes - volume.used_bytes
        for volume in resources.volumes
    }
    return CheckResult(
        state=State.DEGRADED if problems else State.HEALTHY,
        message="; ".join(problems) or "Enough memory and disk",
        details={
            "memory_free_bytes": resources.memory_total_bytes - resources.memory_used_bytes,
            "disk_free_bytes": resources.disk_total_bytes - resources.disk_used_bytes,
            **free,
            "cpu_count": os.cpu_count(),
            "load_average": round(os.getloadavg()[0], 1),
        },
    )

"""The health checks that this application has, in plain Python."""

from app.core.config import settings
from app.services.metrics import metrics
from app.services.system.models import CheckResult
from app.services.system.registry import HealthRegistry


def register_checks(registry: HealthRegistry) -> None:
    """Register every check."""
    registry.register("backend", check_backend, timeout=settings.HEALTH_TIMEOUT_SECONDS)
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

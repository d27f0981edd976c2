"""Health of the application and its machine."""

from app.services.system.models import (
    Alert,
    CheckResult,
    ComponentHealth,
    Resources,
    State,
    SystemStatus,
)
from app.services.system.registry import HealthRegistry
from app.services.system.status import get_system_status, status_service
from app.services.system.watch import watching

__all__ = [
    "Alert",
    "CheckResult",
    "ComponentHealth",
    "HealthRegistry",
    "Resources",
    "State",
    "SystemStatus",
    "get_system_status",
    "status_service",
    "watching",
]

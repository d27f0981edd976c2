"""What the health tree is made of."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

Detail = str | int | float | bool | None


class State(StrEnum):
    """How a component is doing."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class CheckResult(BaseModel):
    """What a check says. `children` are parts with a state of their own, such as queues."""

    state: State = State.HEALTHY
    message: str = ""
    details: dict[str, Detail] = Field(default_factory=dict)
    children: dict[str, "CheckResult"] = Field(default_factory=dict)
    began_at: datetime | None = Field(
        default=None,
        exclude=True,
        description="When it came into this state, if the check knows: nobody may have looked then",
    )

    @classmethod
    def healthy(cls, message: str = "", **details: Detail) -> "CheckResult":
        """All is well."""
        return cls(state=State.HEALTHY, message=message, details=details)

    @classmethod
    def degraded(cls, message: str, **details: Detail) -> "CheckResult":
        """It works, but not as it should."""
        return cls(state=State.DEGRADED, message=message, details=details)

    @classmethod
    def unhealthy(cls, message: str, **details: Detail) -> "CheckResult":
        """It does not work."""
        return cls(state=State.UNHEALTHY, message=message, details=details)


class ComponentHealth(CheckResult):
    """A check's result with what the registry knows about it."""

    name: str
    required: bool
    since: datetime = Field(description="When the component came into this state")
    checked_at: datetime
    duration_ms: float


class Volume(BaseModel):
    """A disk that something is kept on, besides the one with the code."""

    name: str
    path: str
    percent: float
    used_bytes: int
    total_bytes: int
    problem: str = Field(default="", description="Why it cannot be written")


class Resources(BaseModel):
    """What the machine and this process use; with `WEB_WORKERS`, all web processes."""

    cpu_percent: float
    cpu_average_percent: float | None = Field(
        default=None, description="Of the last 30 seconds; null until they are over"
    )
    memory_percent: float
    memory_used_bytes: int
    memory_total_bytes: int
    disk_percent: float
    disk_used_bytes: int
    disk_total_bytes: int
    volumes: list[Volume] = Field(default_factory=list)
    process_memory_bytes: int


class Alert(BaseModel):
    """A resource that is over its threshold."""

    resource: str
    value: float
    threshold: float
    message: str


class SystemStatus(BaseModel):
    """The health tree."""

    app: str
    version: str
    environment: str
    overall_healthy: bool
    state: State
    started_at: datetime
    checked_at: datetime
    uptime_seconds: float
    components: dict[str, ComponentHealth]
    resources: Resources
    alerts: list[Alert]

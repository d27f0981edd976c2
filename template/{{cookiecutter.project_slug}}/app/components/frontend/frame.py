"""What the dashboard shows at one moment, as plain values.

A frame is built once a second from what the services say, however many dashboards are open.
Nothing here knows Flet.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from app.components.frontend import charts, formatting
from app.core.config import settings
from app.core.redaction import redact
from app.services.activity import ErrorRecord, RequestRecord, activity
from app.services.metrics import Sample, metrics
from app.services.system import (
    CheckResult,
    ComponentHealth,
    State,
    SystemStatus,
    get_system_status,
)

RECENT = 50


class Figure(NamedTuple):
    """A value under its name."""

    key: str
    label: str
    value: str


class Chart(NamedTuple):
    """A tile with a value and its history."""

    title: str
    value: str
    caption: str
    top: str
    """What the upper edge of the picture stands for."""
    start: str
    """What its left edge stands for; the right one is now."""
    svg: str


class Part(NamedTuple):
    """A part of a component with a state of its own, such as a queue."""

    name: str
    title: str
    state: State
    message: str
    figures: tuple[Figure, ...]


class Component(NamedTuple):
    """A component's health."""

    name: str
    title: str
    state: State
    message: str
    since: str
    since_at: str
    required: bool
    check: str
    figures: tuple[Figure, ...]
    parts: tuple[Part, ...]

    def figure(self, key: str) -> Figure | None:
        """A figure by the key of its detail."""
        return next((figure for figure in self.figures if figure.key == key), None)


class Request(NamedTuple):
    """A request that was answered."""

    at: str
    method: str
    path: str
    status: int
    duration: str
    request_id: str


class Error(NamedTuple):
    """Something that went wrong."""

    at: str
    source: str
    kind: str
    message: str
    request_id: str
    key: str
    """What tells it from others in an address."""
    when: str
    status: str
    traceback: str


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything that the dashboard shows."""

    app: str
    version: str
    environment: str
    state: State
    headline: str
    alerts: tuple[str, ...]
    facts: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    components: dict[str, Component]
    requests: tuple[Request, ...]
    errors: tuple[Error, ...]

    def error(self, key: str) -> Error | None:
        """An error by its key; the latest one, should a proxy give an id twice."""
        return next((error for error in self.errors if error.key == key), None)


async def take_frame() -> Frame:
    """Ask the services."""
    status = await get_system_status()
    return build_frame(
        status,
        metrics.samples(charts.POINTS),
        activity.requests(RECENT),
        activity.errors(RECENT),
    )


def build_frame(
    status: SystemStatus,
    samples: Sequence[Sample],
    requests: Sequence[RequestRecord],
    errors: Sequence[ErrorRecord],
) -> Frame:
    """Turn what the services say into what people read."""
    components = {c.name: component(c, status.checked_at) for c in status.components.values()}
    return Frame(
        app=status.app,
        version=status.version,
        environment=status.environment,
        state=status.state,
        headline=headline(list(components.values()), has_alerts=bool(status.alerts)),
        alerts=tuple(alert.message for alert in status.alerts),
        facts=facts(status),
        charts=build_charts(status, samples),
        components=components,
        requests=tuple(request(record) for record in requests),
        errors=tuple(error(record) for record in errors),
    )


def headline(components: Sequence[Component], *, has_alerts: bool = False) -> str:
    """The state of everything in one sentence."""
    troubled = [c for c in components if c.state is not State.HEALTHY]
    if not troubled and has_alerts:
        return "Every component is healthy, and the machine is at its limit"
    if not troubled:
        return "All systems are healthy"
    if len(troubled) == 1:
        return f"{troubled[0].title} is {troubled[0].state.value}"
    return f"{len(troubled)} of {len(components)} components need attention"


def component(health: ComponentHealth, now: datetime) -> Component:
    """A component's health in words."""
    return Component(
        name=health.name,
        title=formatting.title(health.name),
        state=health.state,
        message=redact(health.message),
        since=formatting.duration((now - health.since).total_seconds()),
        since_at=moment(health.since),
        required=health.required,
        check=formatting.milliseconds(health.duration_ms),
        figures=figures(health),
        parts=tuple(part(name, child) for name, child in health.children.items()),
    )


def part(name: str, result: CheckResult) -> Part:
    """A part's health in words."""
    message = redact(result.message)
    return Part(name, formatting.title(name), result.state, message, figures(result))


def figures(result: CheckResult) -> tuple[Figure, ...]:
    """The details of a check, in its order."""
    return tuple(
        Figure(key, formatting.label(key), formatting.detail(key, value))
        for key, value in result.details.items()
    )


def facts(status: SystemStatus) -> tuple[Figure, ...]:
    """What there is to say about the process and its machine."""
    resources = status.resources
    return (
        Figure("uptime", "Uptime", formatting.duration(status.uptime_seconds)),
        Figure("process", "Process memory", formatting.size(resources.process_memory_bytes)),
        Figure(
            "disk",
            "Disk",
            f"{formatting.percent(resources.disk_percent)} of "
            f"{formatting.size(resources.disk_total_bytes)}",
        ),
        Figure("version", "Version", status.version),
    )


def build_charts(status: SystemStatus, samples: Sequence[Sample]) -> tuple[Chart, ...]:
    """The charts of the overview."""
    resources = status.resources
    cpu = [s.cpu_percent for s in samples]
    memory = [s.memory_percent for s in samples]
    requests = [s.requests_per_second for s in samples]
    average = [s.average_ms for s in samples]
    cpu_top = charts.scale(cpu, 10, 100)
    requests_top = charts.scale(requests, 10)
    average_top = charts.scale(average, 10)
    used = formatting.size(resources.memory_used_bytes)
    total = formatting.size(resources.memory_total_bytes)
    rate = samples[-1].requests_per_second if samples else 0.0
    seconds = charts.POINTS * settings.METRICS_INTERVAL_SECONDS
    start = f"{formatting.detail('span_seconds', seconds)} ago"
    return (
        Chart(
            "CPU",
            formatting.percent(resources.cpu_percent),
            "of the machine",
            formatting.percent(cpu_top),
            start,
            charts.area_chart(cpu, cpu_top, "#6d7cff"),
        ),
        Chart(
            "Memory",
            formatting.percent(resources.memory_percent),
            f"{used} of {total}",
            formatting.percent(100),
            start,
            charts.area_chart(memory, 100, "#1fa58c"),
        ),
        Chart(
            "Requests",
            f"{formatting.number(round(rate, 1) if rate < 10 else round(rate))} /s",
            f"{formatting.number(metrics.requests_total)} so far",
            f"{formatting.number(requests_top)} /s",
            start,
            charts.area_chart(requests, requests_top, "#d98a1f"),
        ),
        Chart(
            "Response time",
            average_of(samples),
            "on average",
            f"{formatting.number(average_top)} ms",
            start,
            charts.area_chart(average, average_top, "#c45bb0"),
        ),
    )


def average_of(samples: Sequence[Sample]) -> str:
    """How long a request took on average; samples without requests do not count."""
    weight = sum(s.requests_per_second for s in samples)
    if weight == 0:
        return formatting.NOTHING
    total = sum(s.average_ms * s.requests_per_second for s in samples)
    return formatting.milliseconds(total / weight)


def request(record: RequestRecord) -> Request:
    """A request in words."""
    return Request(
        clock(record.at),
        record.method,
        record.path,
        record.status,
        formatting.milliseconds(record.duration_ms),
        record.request_id,
    )


def error(record: ErrorRecord) -> Error:
    """An error in words."""
    return Error(
        clock(record.at),
        record.source,
        record.kind,
        redact(record.message),
        record.request_id or "",
        record.request_id or f"{record.at:.6f}",
        moment(datetime.fromtimestamp(record.at, UTC)),
        str(record.status or ""),
        redact(record.traceback),
    )


def moment(at: datetime) -> str:
    """A day and a time, in UTC."""
    return f"{at.astimezone(UTC):%d %b %Y, %H:%M:%S} UTC"


def clock(at: float) -> str:
    """The time of day in UTC."""
    return time.strftime("%H:%M:%S", time.gmtime(at))

"""The health tree as figures: whatever a check tells in numbers can be drawn, and alerted on."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from typing import Any, TypeVar

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app.core.config import settings
from app.services.system import State, SystemStatus, get_system_status
from app.services.system.models import Detail

MAX_AGE_SECONDS = 5.0
"""How old a health may be that is told: the checks ask servers."""
WAIT_SECONDS = settings.HEALTH_TIMEOUT_SECONDS + 1.0
"""How long to wait for it: a little longer than any check may take."""


T = TypeVar("T")


class HealthCollector(Collector):
    """Asks the event loop of this process. One that does not turn is a figure as well."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Called in a thread of the endpoint's, each time that somebody asks."""
        status = ask(self.loop, get_system_status(MAX_AGE_SECONDS))
        yield loop_answers(is_so=status is not None)
        if status is not None:
            yield from families(status)


class LoopCollector(Collector):
    """Asks the event loop of this process nothing but whether it turns."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Called in a thread, each time that somebody asks."""
        yield loop_answers(is_so=ask(self.loop, asyncio.sleep(0, result=True)) is not None)


def ask(loop: asyncio.AbstractEventLoop, question: Coroutine[Any, Any, T]) -> T | None:
    """The loop's answer; None: it has other things to do."""
    asked = asyncio.run_coroutine_threadsafe(question, loop)
    try:
        return asked.result(timeout=WAIT_SECONDS)
    except TimeoutError:
        asked.cancel()
        return None


def loop_answers(*, is_so: bool) -> GaugeMetricFamily:
    """The figure for it."""
    return GaugeMetricFamily(
        "event_loop_answers", "Whether the event loop of web turns", value=float(is_so)
    )


def families(status: SystemStatus) -> Iterator[GaugeMetricFamily]:
    """Each component's state, and the figures of its details."""
    states = GaugeMetricFamily(
        "component_health", "1 for the state that a component is in", labels=["component", "state"]
    )
    figures = GaugeMetricFamily(
        "component_figure",
        "What health checks tell in numbers; `part` is a queue, for example",
        labels=["component", "part", "figure"],
    )
    for name, component in status.components.items():
        for state in State:
            states.add_metric([name, state], float(component.state is state))
        for part, details in [
            ("", component.details),
            *((part, child.details) for part, child in component.children.items()),
        ]:
            for figure, value in numbers(details):
                figures.add_metric([name, part, figure], value)
    yield states
    yield figures


def numbers(details: Mapping[str, Detail]) -> Iterator[tuple[str, float]]:
    """Those of the details that are numbers."""
    for name, value in details.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield name, float(value)

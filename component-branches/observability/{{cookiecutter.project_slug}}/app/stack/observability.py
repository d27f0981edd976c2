"""What is seen from outside: metrics, traces, logs and errors."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING

from app.core.component import Component, Resource

if TYPE_CHECKING:
    from starlette.middleware import Middleware

    from app.core.config import Settings
    from app.core.jobs import JobRun

# Whatever is off is not imported.


def middleware(config: Settings) -> Iterator[Middleware]:
    if config.METRICS_PORT is None and not config.traces_are_sent:
        return
    from starlette.middleware import Middleware

    if config.METRICS_PORT is not None:
        from app.components.backend.middleware.metrics import MetricsMiddleware

        yield Middleware(MetricsMiddleware)
    if config.traces_are_sent:
        from app.components.backend.middleware.tracing import TracingMiddleware

        yield Middleware(TracingMiddleware)


def around_job(job: JobRun) -> AbstractContextManager[object] | None:
    from app.core.config import settings

    if settings.METRICS_PORT is None and not settings.traces_are_sent:
        return None
    around = ExitStack()
    if settings.METRICS_PORT is not None:
        from app.services.observability.metrics import measured

        around.enter_context(measured(job))
    if settings.traces_are_sent:
        from app.services.observability.tracing import traced

        around.enter_context(traced(job))
    return around


def resources() -> Iterator[Resource]:
    from app.core.config import settings

    if settings.traces_are_sent or settings.logs_are_sent:
        from app.services.observability.otlp import sending

        yield sending(settings)
    if settings.SENTRY_DSN is not None:
        from app.services.observability.errors import reporting

        yield reporting(settings)
    if settings.METRICS_PORT is not None:
        from app.services.observability.endpoint import serving_metrics

        yield serving_metrics(settings, metrics_port(settings.METRICS_PORT))


def metrics_port(first: int) -> int:
    """The port of this process: they share a machine if one supervisor has started them."""
    from app.core.supervisor import PARENT_VARIABLE
    from app.core.this_process import this_process
    from app.entrypoints.processes import processes

    if PARENT_VARIABLE not in os.environ:
        return first
    names = [process.name for process in processes()]
    name = this_process()
    return first + (names.index(name) if name in names else 0)


observability = Component(
    name="observability",
    middleware=middleware,
    around_job=around_job,
    resources=resources,
    # Each batch that does not arrive is a line of theirs; ours is one for all of them.
    log_levels={"opentelemetry.exporter": logging.CRITICAL},
    test_settings={"METRICS_PORT": "", "OTEL_EXPORTER_OTLP_ENDPOINT": "", "SENTRY_DSN": ""},
)

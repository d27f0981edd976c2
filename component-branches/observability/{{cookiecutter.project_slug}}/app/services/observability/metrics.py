"""The figures that Prometheus asks for. Add your own to `registry`:

orders = Counter("orders", "Orders that were paid", registry=registry)
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from app.core.config import settings
from app.core.jobs import JobRun
from app.core.this_process import this_process
from app.core.version import version

# When a series began is a series more for each of them.
disable_created_metrics()

registry = CollectorRegistry()
"""All of this process."""

for collector in (ProcessCollector, PlatformCollector, GCCollector):
    collector(registry=registry)

application = Info("application", "Which process of which version this is", registry=registry)
application.info(
    {
        "process": this_process() or "",
        "version": version(),
        "environment": settings.APP_ENV,
    }
)

QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
LONG = (0.01, 0.05, 0.1, 0.5, 1, 5, 15, 30, 60, 300, 900, 3600)

requests = Counter(
    "http_requests",
    "Requests that were answered, by the pattern of their route",
    ["method", "route", "status"],
    registry=registry,
)
request_seconds = Histogram(
    "http_request_duration_seconds",
    "How long requests took, to the end of their answer",
    ["method", "route"],
    buckets=QUICK,
    registry=registry,
)
requests_running = Gauge("http_requests_running", "Requests that run now", registry=registry)
running_now = {"requests": 0}
"""Changed in one thread only, so it needs none of the locks that a gauge has."""
requests_running.set_function(lambda: running_now["requests"])

job_seconds = Histogram(
    "job_duration_seconds",
    "How long runs of jobs took; `again`: the job runs once more",
    ["queue", "name", "outcome"],
    buckets=LONG,
    registry=registry,
)
jobs_running = Gauge(
    "jobs_running", "Jobs that run in this process now", ["queue"], registry=registry
)


@lru_cache(maxsize=4096)
def request_figures(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Where such a request counts; looking that up each time would cost more than counting."""
    return requests.labels(method, route, str(status)), request_seconds.labels(method, route)


@contextmanager
def measured(job: JobRun) -> Generator[None]:
    """Count a job and its time."""
    running = jobs_running.labels(job.queue)
    running.inc()
    started = time.perf_counter()
    error: BaseException | None = None
    try:
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        running.dec()
        seconds = time.perf_counter() - started
        job_seconds.labels(job.queue, job.name, job.outcome(error)).observe(seconds)

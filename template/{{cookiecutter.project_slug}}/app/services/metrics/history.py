"""A ring buffer of samples, and the counters that they are made from."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

HISTORY_LENGTH = 900


@dataclass(frozen=True, slots=True)
class Sample:
    """One point in every chart."""

    at: float
    """Seconds since the epoch."""
    cpu_percent: float
    """Of the whole machine."""
    memory_percent: float
    """Of the whole machine."""
    process_memory_bytes: int
    requests_per_second: float
    errors_per_second: float
    average_ms: float
    """Of the requests since the sample before; 0 when there were none."""


class MetricsHistory:
    """Counts requests, and keeps the latest samples."""

    def __init__(self, length: int = HISTORY_LENGTH) -> None:
        self.requests_total = 0
        self.errors_total = 0
        self.seconds_total = 0.0
        self._samples: deque[Sample] = deque(maxlen=length)
        self._before = (time.monotonic(), 0, 0, 0.0)

    @property
    def average_ms(self) -> float:
        """How long a request took on average since the start."""
        return self.seconds_total / self.requests_total * 1000 if self.requests_total else 0.0

    def count_request(self, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self.requests_total += 1
        self.seconds_total += seconds
        if status >= 500:
            self.errors_total += 1

    def samples(self, limit: int | None = None) -> list[Sample]:
        """The latest samples, oldest first."""
        found = list(self._samples)
        return found if limit is None else found[-limit:]

    def latest(self) -> Sample | None:
        """The sample taken last."""
        return self._samples[-1] if self._samples else None

    def take_sample(self) -> Sample:
        """Measure now, and remember it."""
        import psutil  # late, for a process serves its first request before it needs this

        now = time.monotonic()
        before_at, before_requests, before_errors, before_seconds = self._before
        elapsed = max(now - before_at, 1e-9)
        requests = self.requests_total - before_requests
        seconds = self.seconds_total - before_seconds
        self._before = (now, self.requests_total, self.errors_total, self.seconds_total)
        sample = Sample(
            at=time.time(),
            cpu_percent=psutil.cpu_percent(interval=None),
            memory_percent=psutil.virtual_memory().percent,
            process_memory_bytes=psutil.Process().memory_info().rss,
            requests_per_second=requests / elapsed,
            errors_per_second=(self.errors_total - before_errors) / elapsed,
            average_ms=seconds / requests * 1000 if requests else 0.0,
        )
        self._samples.append(sample)
        return sample


metrics = MetricsHistory()
"""The history of this process."""


async def sample_forever(history: MetricsHistory, interval: float) -> None:
    """Take a sample every `interval` seconds until cancelled."""
    while True:
        await asyncio.sleep(interval)
        history.take_sample()


@asynccontextmanager
async def sampling(interval: float) -> AsyncGenerator[None]:
    """Take samples of this process in the background."""
    task = asyncio.create_task(sample_forever(metrics, interval))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

"""A ring buffer of samples, and the counters that they are made from."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

HISTORY_LENGTH = 900


class Counts(NamedTuple):
    """What a process has counted since it was started."""

    requests: int = 0
    errors: int = 0
    seconds: float = 0.0

    def plus(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(
            self.requests + other.requests,
            self.errors + other.errors,
            self.seconds + other.seconds,
        )

    def since(self, before: "Counts") -> "Counts":
        """What has come since then; a process that has been replaced may know less than before."""
        return Counts(
            max(self.requests - before.requests, 0),
            max(self.errors - before.errors, 0),
            max(self.seconds - before.seconds, 0.0),
        )


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
    """Counts requests, and keeps the latest samples: of this process, and of others that it is told of."""

    def __init__(self, length: int = HISTORY_LENGTH) -> None:
        self._requests = 0
        self._errors = 0
        self._seconds = 0.0
        self._others: Mapping[str, Counts] = {}
        self._others_in_all = Counts()
        self._came_to_others = Counts()
        self.others_memory_bytes = 0
        self._samples: deque[Sample] = deque(maxlen=length)
        self._before = (time.monotonic(), Counts())

    @property
    def own(self) -> Counts:
        """What this process has counted."""
        return Counts(self._requests, self._errors, self._seconds)

    @property
    def processes(self) -> int:
        """How many processes count."""
        return 1 + len(self._others)

    @property
    def requests_total(self) -> int:
        """How many requests were answered."""
        return self._requests + self._others_in_all.requests

    @property
    def errors_total(self) -> int:
        """How many of them failed."""
        return self._errors + self._others_in_all.errors

    @property
    def seconds_total(self) -> float:
        """How long all of them took together."""
        return self._seconds + self._others_in_all.seconds

    @property
    def average_ms(self) -> float:
        """How long a request took on average since the start."""
        return self.seconds_total / self.requests_total * 1000 if self.requests_total else 0.0

    def count_request(self, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests += 1
        self._seconds += seconds
        if status >= 500:
            self._errors += 1

    def take_over(self, counts: Counts) -> None:
        """Go on from what the process has counted that this one replaces."""
        self._requests, self._errors, self._seconds = self.own.plus(counts)
        at, before = self._before
        self._before = (at, before.plus(counts))

    def hear(self, others: Mapping[str, Counts], memory_bytes: int = 0) -> None:
        """Take in what each of the other processes has counted so far, and their memory."""
        for name, counts in others.items():
            # Who was not there before did not count all of that just now.
            came = counts.since(self._others.get(name, counts))
            self._came_to_others = self._came_to_others.plus(came)
        self._others = others
        self.others_memory_bytes = memory_bytes
        self._others_in_all = Counts()
        for counts in others.values():
            self._others_in_all = self._others_in_all.plus(counts)

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
        before_at, before = self._before
        elapsed = max(now - before_at, 1e-9)
        counted = self.own.plus(self._came_to_others)
        requests, errors, seconds = counted.since(before)
        self._before = (now, counted)
        sample = Sample(
            at=time.time(),
            cpu_percent=psutil.cpu_percent(interval=None),
            memory_percent=psutil.virtual_memory().percent,
            process_memory_bytes=psutil.Process().memory_info().rss + self.others_memory_bytes,
            requests_per_second=requests / elapsed,
            errors_per_second=errors / elapsed,
            average_ms=seconds / requests * 1000 if requests else 0.0,
        )
        self._samples.append(sample)
        return sample


metrics = MetricsHistory()
"""The history that this process keeps."""

"""A bounded memory of requests and errors. It never holds query strings, bodies or headers."""

import traceback
from collections import deque
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple, TypeVar

from app.core.constants import ROOT
from app.core.redaction import redact

LENGTH = 200
TRACEBACK_LENGTH = 20_000
"""How many characters of a traceback are kept: the last ones, where it happened."""


class RequestRecord(NamedTuple):
    """A request that was answered."""

    at: float
    """Seconds since the epoch."""
    method: str
    path: str
    status: int
    duration_ms: float
    request_id: str


class ErrorRecord(NamedTuple):
    """Something that went wrong, with secrets masked."""

    at: float
    """Seconds since the epoch."""
    source: str
    """Where: `GET /api/things`, a job, a task."""
    kind: str
    """The exception's class."""
    message: str
    request_id: str | None
    traceback: str = ""
    status: int | None = None
    """What the client got, if it was a request."""


R = TypeVar("R", RequestRecord, ErrorRecord)


class Elsewhere:
    """What happened in other processes of the same kind: nothing, until somebody hears of some."""

    def requests(self) -> Sequence[RequestRecord]:
        """Their latest requests."""
        return ()

    def errors(self) -> Sequence[ErrorRecord]:
        """Their latest errors."""
        return ()


class ActivityLog:
    """The latest requests and errors, newest first when read."""

    def __init__(self, length: int = LENGTH) -> None:
        self._requests: deque[RequestRecord] = deque(maxlen=length)
        self._errors: deque[ErrorRecord] = deque(maxlen=length)
        self.elsewhere = Elsewhere()

    def add_request(self, record: RequestRecord) -> None:
        """Remember a request."""
        self._requests.append(record)

    def add_error(
        self,
        at: float,
        source: str,
        error: BaseException,
        request_id: str | None = None,
        status: int | None = None,
    ) -> None:
        """Remember an error."""
        message = redact(str(error))[:500]
        trace = "".join(traceback.format_exception(error)).replace(f"{ROOT}/", "")
        trace = redact(trace)[-TRACEBACK_LENGTH:]
        kind = type(error).__name__
        self._errors.append(ErrorRecord(at, source, kind, message, request_id, trace, status))

    def take_over(self, requests: Iterable[RequestRecord], errors: Iterable[ErrorRecord]) -> None:
        """Remember what the process did that this one replaces."""
        self._requests.extend(requests)
        self._errors.extend(errors)

    def own_requests(self, limit: int) -> list[RequestRecord]:
        """The latest requests of this process, oldest first."""
        return list(self._requests)[-limit:]

    def own_errors(self, limit: int) -> list[ErrorRecord]:
        """The latest errors of this process, oldest first."""
        return list(self._errors)[-limit:]

    def requests(self, limit: int = LENGTH) -> list[RequestRecord]:
        """The latest requests, newest first."""
        return newest(self._requests, self.elsewhere.requests(), limit)

    def errors(self, limit: int = LENGTH) -> list[ErrorRecord]:
        """The latest errors, newest first."""
        return newest(self._errors, self.elsewhere.errors(), limit)


def newest(own: Iterable[R], others: Sequence[R], limit: int) -> list[R]:
    """The latest of all, newest first. Those of one process are in their order already."""
    records = list(own)
    if others:
        records = sorted([*records, *others], key=attrgetter("at"))
    return records[-limit:][::-1] if limit > 0 else []


activity = ActivityLog()
"""What this process did, and what it hears of others."""

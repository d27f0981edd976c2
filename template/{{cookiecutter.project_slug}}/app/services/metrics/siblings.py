"""Web processes that tell each other what they have counted: each has files in a folder of all.

Whoever asks one of them is so told the figures of all, at most a sample old.
"""

import asyncio
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil

from app.core.explain import error_line
from app.core.logging import get_logger
from app.core.this_process import SINCE_VARIABLE, this_name
from app.services.activity import ActivityLog, Elsewhere, ErrorRecord, RequestRecord, activity
from app.services.metrics.history import Counts, MetricsHistory, metrics

log = get_logger(__name__)

RECENT = 50
"""How many requests and errors each tells of."""
GONE_SECONDS = 15.0
"""Whoever has said nothing for this long, and missed so many times to say it, is not there any more."""
MISSED_TIMES = 3
FORGOTTEN_SECONDS = 3600.0

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Told:
    """What one process tells once a sample: two lines, of which the second is read when somebody looks."""

    at: float
    since: str
    """When all of its kind were started, if it is one of several."""
    counts: Counts
    memory_bytes: int
    requests: bytes

    @classmethod
    def read(cls, file: Path) -> "Told":
        """Read a file.

        Raises:
            OSError, ValueError: It is not there, or not ours, or another release has written it otherwise.
        """
        first, _, requests = file.read_bytes().partition(b"\n")
        try:
            at, since, counts, memory_bytes = json.loads(first)
            return cls(float(at), since, Counts(*counts), int(memory_bytes), requests)
        except TypeError as error:
            raise ValueError(error) from error

    def write(self, file: Path) -> None:
        """Write it."""
        first = json.dumps([self.at, self.since, self.counts, self.memory_bytes])
        replace(file, first.encode() + b"\n" + self.requests)

    def requests_told(self) -> list[RequestRecord]:
        """The latest requests, oldest first."""
        return records(RequestRecord, self.requests)


class Siblings(Elsewhere):
    """This process and the others whose files are in the folder."""

    def __init__(
        self,
        folder: Path,
        history: MetricsHistory = metrics,
        happened: ActivityLog = activity,
        interval: float = 0.0,
    ) -> None:
        self.folder = folder
        self.interval = interval
        self.file = file_of(this_name(), folder)
        self.since = os.environ.get(SINCE_VARIABLE, "")
        self.history = history
        self.activity = happened
        self._others: dict[str, Told] = {}
        # Errors are long and seldom, so they are in files of their own, which change when there are new ones.
        self._errors: dict[str, tuple[int, list[ErrorRecord]]] = {}
        self._errors_told: list[ErrorRecord] = []
        self._is_silent = False
        self._writing = threading.Lock()
        self._has_ended = False

    async def begin(self) -> None:
        """Take over from the process that this one replaces, if it does, and hear of the others."""
        self.activity.elsewhere = self
        before = await asyncio.to_thread(self._find_before)
        if before is not None:
            told, errors = before
            self.history.take_over(told.counts)
            self.activity.take_over(told.requests_told(), errors)
        await self.exchange()

    async def exchange(self) -> None:
        """Tell of this process, and hear of the others."""
        told = Told(
            time.time(),
            self.since,
            self.history.own,
            psutil.Process().memory_info().rss,
            json.dumps(self.activity.own_requests(RECENT)).encode(),
        )
        try:
            others = await asyncio.to_thread(self._exchange, told, self.activity.own_errors(RECENT))
            self._is_silent = False
        except OSError as error:
            # Nobody is to go without the application for that.
            if not self._is_silent:
                log.error("figures_not_shared", reason=error_line(error))
            self._is_silent = True
            others, self._errors = {}, {}
        self._others = others
        counts = {name: other.counts for name, other in others.items()}
        self.history.hear(counts, sum(other.memory_bytes for other in others.values()))

    async def end(self) -> None:
        """Be gone at once: not so whoever is killed.

        One of several leaves what it has counted to the one that replaces it; who has started them all
        forgets them when all have ended.
        """
        if self.since:
            await self.exchange()
        await asyncio.to_thread(self._end)

    def requests(self) -> list[RequestRecord]:
        """The latest requests of the others."""
        return [record for other in self._others.values() for record in other.requests_told()]

    def errors(self) -> list[ErrorRecord]:
        """The latest errors of the others."""
        return [record for _, theirs in self._errors.values() for record in theirs]

    def _find_before(self) -> tuple[Told, list[ErrorRecord]] | None:
        try:
            found = Told.read(self.file)
        except (OSError, ValueError):
            return None
        if not found.since or found.since != self.since:
            return None
        return found, read_errors(errors_of(self.file))

    def _end(self) -> None:
        with self._writing:
            self._has_ended = True
            if not self.since:
                remove(self.file)

    def _tell(self, told: Told, errors: list[ErrorRecord]) -> None:
        # Whoever is cancelled while a thread is at this ends before the thread does.
        with self._writing:
            if self._has_ended:
                return
            self.folder.mkdir(parents=True, exist_ok=True)
            if errors != self._errors_told:
                replace(errors_of(self.file), json.dumps(errors).encode())
                self._errors_told = errors
            told.write(self.file)

    def _exchange(self, told: Told, errors: list[ErrorRecord]) -> dict[str, Told]:
        self._tell(told, errors)
        gone_seconds = max(GONE_SECONDS, MISSED_TIMES * self.interval)
        found, heard = {}, {}
        for file in sorted(self.folder.glob("*.json")):
            if file == self.file:
                continue
            try:
                other = Told.read(file)
            except (OSError, ValueError):
                continue
            if told.at - other.at > FORGOTTEN_SECONDS:
                remove(file)
            elif told.at - other.at < gone_seconds:
                found[file.stem] = other
                heard[file.stem] = self._hear_errors(file)
        # As a whole: somebody may look meanwhile. Those of whoever is gone go as well.
        self._errors = heard
        return found

    def _hear_errors(self, file: Path) -> tuple[int, list[ErrorRecord]]:
        theirs = errors_of(file)
        changed = theirs.stat().st_mtime_ns if theirs.exists() else 0
        before = self._errors.get(file.stem)
        if before is not None and before[0] == changed:
            return before
        return changed, read_errors(theirs)


def forget(names: Iterable[str], folder: Path) -> None:
    """Tell no more of processes of this machine that have ended for good."""
    for name in names:
        remove(file_of(name, folder))


def file_of(name: str, folder: Path) -> Path:
    """Where a process of this machine tells of itself."""
    return folder / f"{socket.gethostname()}.{name}.json"


def errors_of(file: Path) -> Path:
    """Where the errors of a process are told."""
    return file.with_suffix(".errors")


def read_errors(file: Path) -> list[ErrorRecord]:
    """The latest errors of a process, oldest first."""
    try:
        return records(ErrorRecord, file.read_bytes())
    except OSError:
        return []


def records(kind: Callable[..., R], text: bytes) -> list[R]:
    """What was written down; nothing if another release has written it otherwise."""
    try:
        return [kind(*one) for one in json.loads(text)]
    except (TypeError, ValueError):
        return []


def remove(file: Path) -> None:
    """Tell no more of a process."""
    for one in (file, errors_of(file)):
        for path in (one, draft_of(one)):
            with suppress(OSError):
                path.unlink()


def replace(file: Path, content: bytes) -> None:
    """Write a file in one piece for whoever reads it."""
    draft = draft_of(file)
    draft.write_bytes(content)
    draft.replace(file)


def draft_of(file: Path) -> Path:
    """Where it is written before it is whole. Whoever is killed meanwhile leaves it."""
    return file.with_name(f"{file.name}.draft")

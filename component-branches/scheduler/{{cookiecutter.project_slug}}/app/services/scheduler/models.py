"""Jobs, runs and heartbeats."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, ValidationError


class Outcome(StrEnum):
    """How a run ended."""

    OK = "ok"
    FAILED = "failed"
    MISSED = "missed"
    SKIPPED = "skipped"


class JobInfo(BaseModel):
    """A job, and when it runs next; never while it is paused."""

    id: str
    trigger: str
    function: str
    next_run: datetime | None = None
    problem: str = ""
    """Why it cannot be run, such as a function that cannot be imported. Until it can, it is kept."""

    @property
    def is_paused(self) -> bool:
        """Whether it waits to be resumed."""
        return self.next_run is None and not self.problem


class Action(StrEnum):
    """What can be asked of the scheduler's process."""

    RUN = "run"
    PAUSE = "pause"
    RESUME = "resume"


class Wish(BaseModel):
    """What somebody asks of the scheduler's process for a job."""

    model_config = ConfigDict(frozen=True)

    action: Action
    job: str


def read_wishes(texts: Iterable[str | bytes]) -> list[Wish]:
    """Wishes as they were written down. One that another release has written otherwise is dropped."""
    found = []
    for text in texts:
        with suppress(ValidationError):
            found.append(Wish.model_validate_json(text))
    return found


class Run(BaseModel):
    """A run of a job. Missed: it was too late. Skipped: the run before had not ended."""

    job: str
    outcome: Outcome
    scheduled_at: datetime
    finished_at: datetime
    duration_ms: float = 0
    error: str = ""
    is_manual: bool = False


class Heartbeat(BaseModel):
    """A sign of life of the scheduler's process, with what it is about."""

    at: datetime
    started_at: datetime
    host: str
    pid: int
    job_count: int
    jobs: list[JobInfo]
    """The next ones; thousands of them would make it heavy."""
    running: list[str]

    def is_fresh(self, now: datetime, interval: float) -> bool:
        """Whether the process was alive a moment ago; it may be late twice."""
        return (now - self.at).total_seconds() < 3 * interval + 1

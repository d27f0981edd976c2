"""What is around every job, of the scheduler or of a queue: components may look at it there."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Literal

from app.stack import COMPONENTS

Outcome = Literal["done", "failed", "again"]


@dataclass(frozen=True, slots=True)
class JobRun:
    """A job that runs."""

    name: str
    queue: str
    """Its queue, or `scheduler`."""
    again: tuple[type[BaseException], ...] = ()
    """What it raises when it is to run once more."""

    def outcome(self, error: BaseException | None) -> Outcome:
        """What it came to."""
        if error is None:
            return "done"
        return "again" if isinstance(error, self.again) else "failed"


@contextmanager
def running(job: JobRun) -> Generator[None]:
    """Let everybody look on while the block runs the job."""
    with ExitStack() as stack:
        for component in COMPONENTS:
            if (around := component.around_job(job)) is not None:
                stack.enter_context(around)
        yield

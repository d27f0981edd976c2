"""How the latest answers of this process went, for its health."""

import time
from dataclasses import dataclass

from app.services.activity import activity
from app.services.ai.errors import AIError, RefusedError, TooLongError


@dataclass(slots=True)
class Latest:
    """The latest failure, and when it happened."""

    answers: int = 0
    failed: int = 0
    problem: str = ""
    failed_at: float = 0.0


latest = Latest()


def note_failure(error: AIError) -> None:
    """An answer failed. What the question is to blame for says nothing of the provider."""
    if isinstance(error, RefusedError | TooLongError):
        return
    latest.answers += 1
    latest.failed += 1
    latest.problem, latest.failed_at = str(error), time.time()
    activity.add_error(latest.failed_at, "ai", error)


def note_success() -> None:
    """An answer is complete."""
    latest.answers += 1
    latest.problem = ""

"""How jobs and results are written into Redis: as JSON.

arq's default is pickle, with which whoever can write to Redis can run code in every worker, and which
ties a job to the classes of the version that enqueued it.
"""

from typing import Any

from arq.worker import JobExecutionFailed
from pydantic_core import from_json, to_json

from app.core.redaction import redact

ERROR = "__error__"
MAX_ERROR = 500


def dump(data: dict[str, Any]) -> bytes:
    """Write a job, or its result. Models, dates and the like become what JSON has for them."""
    result = data.get("r")
    if isinstance(result, BaseException):
        data = {**data, "r": {ERROR: error_text(result)}}
    return to_json(data)


def load(raw: bytes) -> dict[str, Any]:
    """Read it. An error is `JobExecutionFailed` again, with the text of what it was."""
    data: dict[str, Any] = from_json(raw)
    result = data.get("r")
    if isinstance(result, dict) and ERROR in result:
        data["r"] = JobExecutionFailed(result[ERROR])
    return data


def error_text(error: BaseException) -> str:
    """An exception in a line, without secrets."""
    if isinstance(error, JobExecutionFailed):
        return redact(str(error))[:MAX_ERROR]
    return redact(f"{type(error).__name__}: {error}".removesuffix(": "))[:MAX_ERROR]

"""How jobs and results are written into Redis: as JSON.

arq's default is pickle, with which whoever can write to Redis can run code in every worker, and which
ties a job to the classes of the version that enqueued it. A pickle of plain values is read as well, for
that is what a pool of plain arq writes; one that names a class or a function is refused.
"""

import io
import pickle
from typing import Any

from arq.worker import JobExecutionFailed
from pydantic_core import from_json, to_json

from app.core.context import request_id, trace_parent
from app.core.redaction import redact

ERROR = "__error__"
REQUEST = "request_id"
"""Which request has enqueued a job; jobs that a request's job enqueues have it as well."""
TRACE = "traceparent"
"""Which trace that request is part of."""
MAX_ERROR = 500


def dump(data: dict[str, Any]) -> bytes:
    """Write a job, or its result. Models, dates and the like become what JSON has for them."""
    result = data.get("r")
    if isinstance(result, BaseException):
        data = {**data, "r": {ERROR: error_text(result)}}
    if "r" not in data:
        origin = {REQUEST: request_id.get(), TRACE: trace_parent.get()}
        data = data | {name: value for name, value in origin.items() if value is not None}
    return to_json(data)


class PlainUnpickler(pickle.Unpickler):
    """Makes plain values, and nothing that could run code."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """Refuse."""
        raise ValueError(f"it holds a {module_name}.{global_name}, which is not a plain value")


def load(raw: bytes) -> dict[str, Any]:
    """Read it. An error is `JobExecutionFailed` again, with the text of what it was."""
    is_pickled = raw.startswith(pickle.PROTO)
    data: dict[str, Any] = PlainUnpickler(io.BytesIO(raw)).load() if is_pickled else from_json(raw)
    result = data.get("r")
    if isinstance(result, dict) and ERROR in result:
        data["r"] = JobExecutionFailed(result[ERROR])
    return data


def error_text(error: BaseException) -> str:
    """An exception in a line, without secrets."""
    if isinstance(error, JobExecutionFailed):
        return redact(str(error))[:MAX_ERROR]
    return redact(f"{type(error).__name__}: {error}".removesuffix(": "))[:MAX_ERROR]

"""What belongs to the request, job or command that is running now."""

from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
job_id: ContextVar[str | None] = ContextVar("job_id", default=None)
trace_parent: ContextVar[str | None] = ContextVar("trace_parent", default=None)
"""The trace that this is part of, as the header `traceparent` writes it; jobs take it along."""

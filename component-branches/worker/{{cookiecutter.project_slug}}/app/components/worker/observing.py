"""What is around each task: a line in the log, limits, and a record of a failure.

arq calls no hook for a job that has been tried too often, whose function it does not know, or that it
cannot read. So its limits come after ours, and what cannot be run becomes a task that fails.
"""

import asyncio
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from arq import Retry, func
from arq.cron import CronJob
from arq.worker import Function, JobExecutionFailed, RetryJob
from pydantic_core import PydanticSerializationError, to_json

from app.core.context import job_id as current_job
from app.core.context import request_id, trace_parent
from app.core.jobs import JobRun, running
from app.core.logging import get_logger
from app.core.queues import Queue
from app.core.redaction import redact
from app.services.queues import FailedJob
from app.services.queues.serialization import REQUEST, TRACE, error_text, load

log = get_logger(__name__)

AGAIN = (Retry, RetryJob, asyncio.CancelledError)
"""What says that a job is to run once more."""
REFUSED = "refused"
"""The task of jobs that cannot be run."""
LATER_SECONDS = 5.0
"""How much later than ours arq's own limit of a job's time comes."""
MAX_ARGUMENTS = 64 * 1024
MAX_TRACEBACK = 4000

Context = dict[str, Any]
F = TypeVar("F", Function, CronJob)


@dataclass(slots=True)
class Run:
    """A job that has begun."""

    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    tries: int
    enqueued_at: datetime
    started_at: float = field(default_factory=time.time)

    @property
    def ms(self) -> float:
        """For how long it has been running."""
        return round((time.time() - self.started_at) * 1000, 1)


class Observer:
    """Knows which jobs run, and what has become of the others."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.runs: dict[str, Run] = {}
        self.counts: Counter[str] = Counter()
        self.names: frozenset[str] = frozenset()

    def observe(self, function: F, max_tries: int, timeout: Any) -> F:
        """The same task, observed; with these limits if it has none of its own."""
        task = function.coroutine
        if function.max_tries is not None:
            max_tries = function.max_tries
        limit = function.timeout_s
        if limit is None:
            limit = func(task, timeout=timeout).timeout_s

        async def observed(ctx: Context, *args: Any, **kwargs: Any) -> Any:
            job = ctx["job_id"]
            current_job.set(job)
            ctx["max_tries"] = max_tries
            run = Run(function.name, args, kwargs, ctx["job_try"], ctx["enqueue_time"])
            self.runs[job] = run
            if run.tries > 1:
                self.counts["repeated"] += 1
            clock = asyncio.timeout(limit)
            try:
                with running(JobRun(run.function, self.queue.name, AGAIN)):
                    if run.tries > max_tries:
                        raise JobExecutionFailed(f"max {max_tries} retries exceeded")
                    async with clock:
                        result = await task(ctx, *args, **kwargs)
            except BaseException as error:
                failure = error
                if clock.expired():
                    failure = TimeoutError(f"it took longer than {limit:g} s")
                elif isinstance(error, AGAIN):
                    tell_again(run, error)
                    raise
                elif not isinstance(error, Exception):
                    # A library that calls sys.exit, for instance. It must not end the worker.
                    failure = JobExecutionFailed(error_text(error))
                ctx["failure"] = self.describe(job, run, failure, error)
                log.error("job_failed", exc_info=error, function=run.function, ms=run.ms)
                raise failure from error
            finally:
                del self.runs[job]
            self.counts["done"] += 1
            log.info("job_done", function=run.function, ms=run.ms, tries=run.tries)
            return result

        later = None if limit is None else limit + LATER_SECONDS
        return replace(function, coroutine=observed, max_tries=max_tries + 1, timeout_s=later)

    def read(self, raw: bytes) -> dict[str, Any]:
        """Read a job; one that cannot be run is for `refuse`."""
        try:
            job = load(raw)
            name, args, kwargs = job["f"], list(job["a"]), dict(job["k"])
        except Exception as error:
            reason = f"it cannot be read: {error_text(error)}. {HOW_TO_ENQUEUE}"
            now = round(time.time() * 1000)
            return {"f": REFUSED, "a": (reason, "<unknown>", None, {}), "k": {}, "t": 1, "et": now}
        # A worker reads a job in the task that runs it, so that it knows the request and the trace that it comes from.
        for key, current in ((REQUEST, request_id), (TRACE, trace_parent)):
            value = job.get(key)
            current.set(value if isinstance(value, str) else None)
        if name not in self.names:
            refused = (f"function {name!r} not found", name, args, kwargs)
            job = {**job, "f": REFUSED, "a": refused, "k": {}}
        return job

    def describe(
        self, job: str, run: Run, failure: BaseException, error: BaseException
    ) -> FailedJob:
        """The record of a run that has failed."""
        function, kwargs = run.function, run.kwargs
        args: list[Any] | None = list(run.args)
        if function == REFUSED:
            _, function, args, kwargs = run.args
        if size_of([args, kwargs]) > MAX_ARGUMENTS:
            args, kwargs = None, {}
        return FailedJob(
            id=job,
            queue=self.queue.name,
            function=function,
            args=args,
            kwargs=kwargs,
            tries=run.tries,
            error=error_text(failure),
            traceback=redact("".join(traceback.format_exception(error)))[-MAX_TRACEBACK:],
            enqueued_at=run.enqueued_at,
            failed_at=datetime.now(UTC),
        )


HOW_TO_ENQUEUE = (
    "Enqueue it with `pool, _ = await get_queue_pool(...)` of app.components.worker.pools, "
    "and with plain values (JSON) as its arguments."
)


async def refuse(ctx: Context, reason: str, *job: Any) -> None:
    """Fail, in the place of what cannot be run."""
    raise JobExecutionFailed(reason)


def tell_again(run: Run, error: BaseException) -> None:
    """A line in the log for a run that comes again."""
    reason = error_text(error.__cause__ or error)
    log.info("job_runs_again", function=run.function, ms=run.ms, reason=reason)


def size_of(arguments: list[Any]) -> int:
    """How large they are in Redis."""
    try:
        return len(to_json(arguments))
    except PydanticSerializationError:
        return MAX_ARGUMENTS + 1

"""A worker: arq's, made for years of service.

What it adds to arq:

* It outlives Redis: while that is gone it waits, and what was done meanwhile is reported afterwards.
* A job that is lost with its worker runs again after `WORKER_LEASE_SECONDS`, and not only when the
  longest timeout of the queue is over.
* The end of a job, its count and the record of its failure are one transaction.
* It claims many jobs with one message to Redis instead of each one with four, and does not sleep while
  jobs are waiting that it has room for.
* It says which jobs it runs, and each line of its log has the job's id.
"""

import asyncio
import os
import socket
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from arq.connections import ArqRedis
from arq.constants import (
    abort_jobs_ss,
    in_progress_key_prefix,
    job_key_prefix,
    result_key_prefix,
    retry_key_prefix,
)
from arq.cron import CronJob
from arq.jobs import deserialize_result
from arq.utils import timestamp_ms, to_ms
from arq.worker import Function, Worker, get_kwargs
from pydantic_core import PydanticSerializationError, to_json
from redis.exceptions import RedisError

from app.core.config import settings
from app.core.context import job_id as current_job
from app.core.logging import get_logger
from app.core.queues import Queue
from app.core.redaction import redact
from app.services.queues import FailedJob, RunningJob, WorkerInfo, records
from app.services.queues.serialization import dump, error_text, load

log = get_logger(__name__)

LOST = (RedisError, OSError)
"""What says that Redis is gone, or that it cannot work right now."""

SHOWN_JOBS = 20
MAX_ARGUMENTS = 64 * 1024
MAX_TRACEBACK = 4000
LONGEST_PAUSE = 2.0
CUT_OFF_SECONDS = 1.0
"""How long a job that is cut off may take to notice."""


@dataclass(slots=True)
class Run:
    """A job that has begun."""

    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    tries: int
    enqueued_at: datetime
    started_at: float = field(default_factory=time.time)
    error: BaseException | None = None

    @property
    def ms(self) -> float:
        """For how long it has been running."""
        return round((time.time() - self.started_at) * 1000, 1)


@dataclass(frozen=True, slots=True)
class End:
    """How a run has ended: what is to be written, for arq and for our records, in one transaction."""

    job_id: str
    is_finished: bool
    """False: it runs again."""
    is_repeated: bool = False
    failed: FailedJob | None = None
    result: tuple[bytes, int | None] | None = None
    """What it returned, and for how many milliseconds that is kept."""
    defer_by: int | None = None
    keep_ms: int | None = None
    """For how long nobody else may begin it: cron jobs have the same id on all workers."""


class QueueWorker(Worker):
    """Works on one queue."""

    def __init__(self, queue: Queue, pool: ArqRedis, options: Any, *, burst: bool = False) -> None:
        chosen: Any = get_kwargs(options)
        super().__init__(
            **chosen,
            redis_pool=pool,
            burst=burst,
            handle_signals=False,
            job_serializer=dump,
            job_deserializer=load,
        )
        self.queue = queue
        self.id = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self.started_at = datetime.now(UTC)
        self.runs: dict[str, Run] = {}
        self.is_stopping = False
        self.in_progress_timeout_s = settings.WORKER_LEASE_SECONDS
        self.functions = {name: self._observe(found) for name, found in self.functions.items()}
        self._picking = asyncio.Lock()
        self._has_more = False
        self._has_room = asyncio.Event()
        self._renew_at = 0.0
        self._beat_at = 0.0
        self._was_busy = False

    def _observe(self, function: Function | CronJob) -> Function | CronJob:
        task = function.coroutine
        max_tries = self.max_tries if function.max_tries is None else function.max_tries

        async def observed(ctx: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
            current_job.set(ctx["job_id"])
            ctx["max_tries"] = max_tries
            run = Run(function.name, args, kwargs, ctx["job_try"], ctx["enqueue_time"])
            self.runs[ctx["job_id"]] = run
            try:
                return await task(ctx, *args, **kwargs)
            except BaseException as error:
                run.error = error
                raise

        return replace(function, coroutine=observed)

    # --- The loop ---------------------------------------------------------------------------------

    async def main(self) -> None:
        """Look for jobs until told to stop, whatever happens to Redis."""
        self.ctx["redis"] = self.pool
        if self.on_startup:
            await self.on_startup(self.ctx)
        while True:
            try:
                await self._poll_iteration()
                if self.burst and await self._is_empty():
                    return
            except LOST as error:
                await self._wait_for_redis(error)
            await self._pause()

    async def _pause(self) -> None:
        """Wait a moment; if more jobs are waiting, not longer than until there is room for them."""
        self._has_room.clear()
        if not self._has_more:
            await asyncio.sleep(self.poll_delay_s)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self.poll_delay_s):
                await self._has_room.wait()

    async def _is_empty(self) -> bool:
        return not self.tasks and not await self.pool.zcard(self.queue_name)

    async def _wait_for_redis(self, error: Exception) -> None:
        log.warning("redis_is_gone", queue=self.queue.name, reason=error_text(error))
        pause = 0.1
        while not self.is_stopping:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                await self.pool.ping()
            except LOST:
                continue
            log.info("redis_is_back", queue=self.queue.name)
            self._beat_at = self._renew_at = 0.0
            return

    async def start_jobs(self, job_ids: list[bytes]) -> None:
        """Start what nobody else has started, as far as there is room."""
        async with self._picking:
            open_ids = [job for raw in job_ids if (job := raw.decode()) not in self.tasks]
            has_started = False
            while open_ids and self.allow_pick_jobs and self.job_counter < self.max_jobs:
                room = self.max_jobs - self.job_counter
                chosen, open_ids = open_ids[:room], open_ids[room:]
                for job, score in await self._claim(chosen):
                    self._start(job, score)
                    has_started = True
            self._has_more = bool(open_ids)
            if not has_started and len(job_ids) == self.queue_read_limit:
                # All that it saw runs elsewhere: look further.
                self.queue_read_limit *= 2

    async def _claim(self, jobs: list[str]) -> list[tuple[str, int]]:
        """Try to get jobs for this worker: those that it has got, with their place in time.

        arq watches the key of each job, which takes four messages and their answers for every one of
        them. Here it is one for all. The keys are arq's, so its own workers respect them.
        """
        async with self.pool.pipeline(transaction=False) as pipeline:
            for job in jobs:
                key = in_progress_key_prefix + job
                pipeline.set(key, self.id, nx=True, px=int(settings.WORKER_LEASE_SECONDS * 1000))
                # Whose it is, and not whether this claim succeeded: the answer to an earlier one may
                # have been lost.
                pipeline.get(key)
                pipeline.zscore(self.queue_name, job)
            answers = await pipeline.execute()
        now, found, in_vain = timestamp_ms(), [], []
        for job, is_new, owner, score in zip(
            jobs, answers[::3], answers[1::3], answers[2::3], strict=True
        ):
            if owner == self.id.encode() and score is not None and score <= now:
                found.append((job, int(score)))
            elif is_new:
                # Somebody else has finished or deferred it meanwhile.
                in_vain.append(in_progress_key_prefix + job)
        if in_vain:
            await self.pool.delete(*in_vain)
        return found

    def _start(self, job: str, score: int) -> None:
        self.job_counter += 1
        self.tasks[job] = task = self.loop.create_task(self.run_job(job, score))
        task.add_done_callback(self._on_end)

    def _on_end(self, task: asyncio.Task[None]) -> None:
        self.job_counter -= 1
        # Not with each single one: to look for jobs has its price, too.
        if self.job_counter <= self.max_jobs // 2:
            self._has_room.set()

    async def heart_beat(self) -> None:
        """Keep the jobs that run, leave a sign of life, enqueue what is due."""
        if time.monotonic() >= self._renew_at:
            await self._renew_leases()
            self._renew_at = time.monotonic() + settings.WORKER_LEASE_SECONDS / 3
        await super().heart_beat()

    async def _renew_leases(self) -> None:
        running = [job for job, task in self.tasks.items() if not task.done()]
        if running:
            async with self.pool.pipeline(transaction=False) as pipeline:
                for job in running:
                    key = in_progress_key_prefix + job
                    pipeline.pexpire(key, int(settings.WORKER_LEASE_SECONDS * 1000))
                await pipeline.execute()

    async def record_health(self) -> None:
        """Leave a sign of life, for us and for `arq --check`."""
        has_become_idle = self._was_busy and not self.runs
        if time.monotonic() < self._beat_at and not has_become_idle:
            return
        seconds = 3 * settings.WORKER_HEARTBEAT_SECONDS + 1
        info = WorkerInfo(
            id=self.id,
            host=socket.gethostname(),
            pid=os.getpid(),
            started_at=self.started_at,
            running=len(self.runs),
            jobs=[
                RunningJob(
                    id=job,
                    function=run.function,
                    started_at=datetime.fromtimestamp(run.started_at, UTC),
                )
                for job, run in list(self.runs.items())[:SHOWN_JOBS]
            ],
        )
        async with self.pool.pipeline(transaction=True) as pipeline:
            records.note_alive(pipeline, self.queue, info, seconds)
            pipeline.psetex(self.health_check_key, int(seconds * 1000), repr(self).encode())
            await pipeline.execute()
        self._was_busy = info.running > 0
        self._beat_at = time.monotonic() + settings.WORKER_HEARTBEAT_SECONDS

    # --- The end of a job -------------------------------------------------------------------------

    async def finish_job(
        self,
        job_id: str,
        finish: bool,
        result_data: bytes | None,
        result_timeout_s: float | None,
        keep_result_forever: bool,
        incr_score: int | None,
        keep_in_progress: float | None,
    ) -> None:
        """Write down how a run has ended."""
        run = self.runs.get(job_id)
        expire = None if keep_result_forever else to_ms(result_timeout_s)
        end = End(
            job_id=job_id,
            is_finished=finish,
            is_repeated=run is not None and run.tries > 1,
            failed=describe_failure(self.queue, job_id, run) if finish and run else None,
            result=(result_data, expire) if finish and result_data else None,
            defer_by=incr_score,
            keep_ms=to_ms(keep_in_progress),
        )
        try:
            await self._write(end)
        finally:
            self.runs.pop(job_id, None)
        if run is not None:
            tell(job_id, run, is_finished=finish)

    async def finish_failed_job(self, job_id: str, result_data: bytes | None) -> None:
        """The same for a job that could not even begin."""
        failed = describe_rejection(self.queue, job_id, result_data)
        expire = None if self.keep_result_forever else to_ms(self.keep_result_s)
        result = (result_data, expire) if result_data and expire != 0 else None
        await self._write(End(job_id=job_id, is_finished=True, failed=failed, result=result))
        log.error("job_failed", job_id=job_id, function=failed.function, error=failed.error)

    async def _write(self, end: End) -> None:
        """Write it down. Redis may be gone for a while: all that is left to do is to tell it."""
        is_first, pause = True, 0.1
        while True:
            try:
                # It may have got the message, and only its answer was lost.
                if is_first or not await self._is_written(end):
                    await self._write_once(end)
                return
            except LOST:
                if self.is_stopping:
                    raise
            is_first = False
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _is_written(self, end: End) -> bool:
        if end.is_finished:
            return await self.pool.zscore(self.queue_name, end.job_id) is None
        return await self.pool.get(in_progress_key_prefix + end.job_id) != self.id.encode()

    async def _write_once(self, end: End) -> None:
        job_id = end.job_id
        async with self.pool.pipeline(transaction=True) as pipeline:
            gone = []
            if end.keep_ms is None:
                gone.append(in_progress_key_prefix + job_id)
            else:
                pipeline.pexpire(in_progress_key_prefix + job_id, end.keep_ms)
            if end.is_finished:
                gone += [retry_key_prefix + job_id, job_key_prefix + job_id]
                pipeline.zrem(abort_jobs_ss, job_id)
                pipeline.zrem(self.queue_name, job_id)
            elif end.defer_by:
                pipeline.zincrby(self.queue_name, end.defer_by, job_id)
            if end.result is not None:
                data, expire = end.result
                pipeline.set(result_key_prefix + job_id, data, px=expire)
            if gone:
                pipeline.delete(*gone)
            if end.is_repeated:
                records.note_repeated(pipeline, self.queue)
            if end.failed is not None:
                records.note_failed(pipeline, self.queue, end.failed)
            elif end.is_finished:
                records.note_done(pipeline, self.queue)
            await pipeline.execute()

    # --- The end of the worker --------------------------------------------------------------------

    async def work(self, stop: asyncio.Event) -> None:
        """Work until told to stop; then jobs that run have `WORKER_STOP_SECONDS` to end.

        What has not ended by then goes back into the queue and runs again.
        """
        log.info("worker_started", queue=self.queue.name, functions=sorted(self.functions))
        main = asyncio.create_task(self.async_run())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({main, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._drain()
            stopping.cancel()
            main.cancel()
            await asyncio.wait({main, stopping})
            await self.close()
        if not main.cancelled():
            main.result()

    async def _drain(self) -> None:
        self.allow_pick_jobs = False
        async with self._picking:  # whatever is being started has started
            running = set(self.tasks.values())
        if running:
            await asyncio.wait(running, timeout=settings.WORKER_STOP_SECONDS)
        self.is_stopping = True
        cut_off = sorted(self.job_tasks)
        if cut_off:
            log.warning("jobs_cut_off", queue=self.queue.name, jobs=cut_off[:SHOWN_JOBS])
            for task in list(self.job_tasks.values()):
                task.cancel()
        if running:
            await asyncio.wait(running, timeout=CUT_OFF_SECONDS)

    async def close(self) -> None:
        """Say goodbye. Nothing is running any more."""
        self.is_stopping = True
        try:
            async with self.pool.pipeline(transaction=True) as pipeline:
                records.note_gone(pipeline, self.queue, self.id)
                await pipeline.execute()
        except LOST as error:
            log.warning("redis_is_gone", queue=self.queue.name, reason=error_text(error))
        if self.on_shutdown:
            await self.on_shutdown(self.ctx)
        await self.pool.aclose()
        log.info("worker_stopped", queue=self.queue.name)


def tell(job_id: str, run: Run, *, is_finished: bool) -> None:
    """A line in the log for a run that has ended."""
    if not is_finished:
        reason = error_text(run.error.__cause__ or run.error) if run.error else ""
        log.info("job_runs_again", job_id=job_id, function=run.function, ms=run.ms, reason=reason)
    elif run.error is not None:
        log.error("job_failed", exc_info=run.error, job_id=job_id, function=run.function, ms=run.ms)
    else:
        log.info("job_done", job_id=job_id, function=run.function, ms=run.ms, tries=run.tries)


def describe_failure(queue: Queue, job_id: str, run: Run) -> FailedJob | None:
    """The record of a run that has failed; None when it has not."""
    if run.error is None:
        return None
    error = run.error
    if isinstance(error, asyncio.CancelledError):
        # arq cancels what takes too long. What it cancels for other reasons is not finished.
        text = f"TimeoutError: it took longer than {run.ms / 1000:.0f} s"
    else:
        text = error_text(error)
    args: list[Any] | None = list(run.args)
    kwargs = run.kwargs
    if size_of([args, kwargs]) > MAX_ARGUMENTS:
        args, kwargs = None, {}
    return FailedJob(
        id=job_id,
        queue=queue.name,
        function=run.function,
        args=args,
        kwargs=kwargs,
        tries=run.tries,
        error=text,
        traceback=redact("".join(traceback.format_exception(error)))[-MAX_TRACEBACK:],
        enqueued_at=run.enqueued_at,
        failed_at=datetime.now(UTC),
    )


def describe_rejection(queue: Queue, job_id: str, result_data: bytes | None) -> FailedJob:
    """The record of a job that arq could not run: it knows no such function, or has tried too often."""
    found = deserialize_result(result_data, deserializer=load) if result_data else None
    reason = found.result if found else "it cannot be read"
    now = datetime.now(UTC)
    return FailedJob(
        id=job_id,
        queue=queue.name,
        function=found.function if found else "<unknown>",
        args=list(found.args) if found else None,
        kwargs=found.kwargs if found else {},
        tries=found.job_try if found else 0,
        error=error_text(reason) if isinstance(reason, BaseException) else str(reason),
        traceback="",
        enqueued_at=found.enqueue_time if found else now,
        failed_at=now,
    )


def size_of(arguments: list[Any]) -> int:
    """How large they are in Redis."""
    try:
        return len(to_json(arguments))
    except PydanticSerializationError:
        return MAX_ARGUMENTS + 1

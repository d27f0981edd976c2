"""A worker: arq's own, with a sign of life, and with an end that gives back what it cannot finish.

What arq's settings and hooks do not say is in the modules beside: around each task (`observing.py`),
when Redis is gone (`connections.py`), what plain arq has enqueued (`adoption.py`).
"""

import asyncio
import os
import signal
import socket
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from arq import func
from arq.worker import Worker, create_worker

from app.components.worker.adoption import adopt
from app.components.worker.connections import LOST, WorkerRedis
from app.components.worker.observing import REFUSED, Observer, Run, refuse
from app.core.config import settings
from app.core.logging import get_logger
from app.core.queues import Queue
from app.services.queues import RunningJob, WorkerInfo, records
from app.services.queues.serialization import dump, error_text

log = get_logger(__name__)

USUAL = {
    "max_jobs": settings.WORKER_MAX_JOBS,
    "job_timeout": settings.WORKER_JOB_TIMEOUT_SECONDS,
    "max_tries": 5,
    "keep_result": 3600,
    # How often it looks for jobs: at most `max_jobs` start each time.
    "poll_delay": 0.05,
}
"""What holds where a queue's `WorkerSettings` say nothing else."""

SHOWN_JOBS = 20
SIGN_SECONDS = 5.0
"""How long a sign of life may take before it is said that Redis is gone."""
STOPPED_SECONDS = 0.2
"""How much longer than the jobs arq may take to stop."""
CUT_OFF_SECONDS = 1.0
"""How long a job that is cut off may take to notice."""


class QueueWorker:
    """Works on one queue."""

    def __init__(
        self, queue: Queue, redis: WorkerRedis, options: Any, *, burst: bool = False
    ) -> None:
        self.queue = queue
        self.redis = redis
        self.options: dict[str, Any] = {**USUAL, **vars(options)}
        self.burst = burst
        self.id = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self.started_at = datetime.now(UTC)
        self.observer = Observer(queue)
        self.ctx: dict[str, Any] = {**self.options.get("ctx", {}), "redis": redis}
        self.worker = self._make_worker()
        self.left: list[Worker] = []
        redis.held = self._unfinished

    @property
    def runs(self) -> dict[str, Run]:
        """The jobs that run, by their ids."""
        return self.observer.runs

    def _make_worker(self) -> Worker:
        limits = (self.options["max_tries"], self.options["job_timeout"])
        observe = self.observer.observe
        functions = [observe(func(task), *limits) for task in self.options.get("functions", ())]
        cron_jobs = [observe(job, *limits) for job in self.options.get("cron_jobs") or ()]
        self.observer.names = frozenset(known.name for known in [*functions, *cron_jobs])
        refused = observe(func(refuse, name=REFUSED, max_tries=1), *limits)
        return create_worker(
            self.options,
            functions=[*functions, refused],
            cron_jobs=cron_jobs,
            queue_name=self.queue.key,
            health_check_key=f"{self.queue.key}:health-check",
            redis_pool=self.redis,
            ctx=self.ctx,
            burst=self.burst,
            timezone=ZoneInfo(settings.WORKER_TIMEZONE),
            handle_signals=False,
            job_completion_wait=settings.WORKER_STOP_SECONDS,
            job_serializer=dump,
            job_deserializer=self.observer.read,
            log_results=False,
            # Ours to call, once: arq does it whenever its loop begins.
            on_startup=None,
            on_shutdown=None,
            on_job_end=self._on_job_end,
        )

    async def _on_job_end(self, ctx: dict[str, Any]) -> None:
        """Keep a failure before the job leaves the queue: a crash between the two loses neither."""
        failure = ctx.pop("failure", None)
        if failure is not None:
            await records.keep_failure(self.redis, self.queue, failure)
            self.observer.counts["failed"] += 1
        await self._call("on_job_end", ctx)

    async def _call(self, hook: str, ctx: dict[str, Any]) -> None:
        if chosen := self.options.get(hook):
            await chosen(ctx)

    # --- The loop ---------------------------------------------------------------------------------

    async def work(self, stop: asyncio.Event) -> None:
        """Work until told to stop; then jobs that run have `WORKER_STOP_SECONDS` to end.

        What has not ended by then goes back into the queue and runs again.
        """
        log.info("worker_started", queue=self.queue.name, functions=sorted(self.observer.names))
        working = asyncio.create_task(self._run())
        living = asyncio.create_task(self._live())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._stop(working)
            await end(living)
            await end(stopping)
            await self._say_goodbye()
        if not working.cancelled():
            working.result()

    def _unfinished(self) -> dict[str, asyncio.Task[Any]]:
        """The jobs that it has begun and not yet reported, by their ids."""
        workers = (*self.left, self.worker)
        return {job: task for worker in workers for job, task in unfinished(worker).items()}

    async def _run(self) -> None:
        await self._call("on_startup", self.ctx)
        await adopt(self.redis, self.queue)
        while True:
            try:
                return await self.worker.async_run()
            except LOST as error:
                # Its jobs go on; but its loop may have lost count of them.
                log.warning("worker_begins_anew", queue=self.queue.name, reason=error_text(error))
                self.left = [one for one in (*self.left, self.worker) if unfinished(one)]
                self.worker = self._make_worker()
                await asyncio.sleep(1)

    async def _live(self) -> None:
        """Leave a sign of life every few seconds, and say when Redis does not take it."""
        is_gone = False
        while True:
            try:
                async with asyncio.timeout(SIGN_SECONDS):
                    await self._leave_sign()
                    await adopt(self.redis, self.queue)
            except (TimeoutError, *LOST) as error:
                if not is_gone:
                    log.warning("redis_is_gone", queue=self.queue.name, reason=error_text(error))
                is_gone = True
            else:
                if is_gone:
                    log.info("redis_is_back", queue=self.queue.name)
                is_gone = False
            await asyncio.sleep(settings.WORKER_HEARTBEAT_SECONDS)

    async def _leave_sign(self) -> None:
        jobs = [
            RunningJob(
                id=job,
                function=run.function,
                started_at=datetime.fromtimestamp(run.started_at, UTC),
            )
            for job, run in list(self.runs.items())[:SHOWN_JOBS]
        ]
        info = WorkerInfo(
            id=self.id,
            host=socket.gethostname(),
            pid=os.getpid(),
            started_at=self.started_at,
            running=len(self.runs),
            jobs=jobs,
        )
        seconds = SIGN_SECONDS + 3 * settings.WORKER_HEARTBEAT_SECONDS
        await records.leave_sign(self.redis, self.queue, info, seconds)
        await records.add_counts(self.redis, self.queue, self.id, self.observer.counts)

    # --- The end ----------------------------------------------------------------------------------

    async def _stop(self, working: asyncio.Task[None]) -> None:
        if not working.done():
            self.worker.handle_sig_wait_for_completion(signal.SIGTERM)
            limit = settings.WORKER_STOP_SECONDS + STOPPED_SECONDS
            await asyncio.wait({working}, timeout=limit)
        await end(working)
        running = self._unfinished().values()
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=CUT_OFF_SECONDS)

    async def _say_goodbye(self) -> None:
        await self._call("on_shutdown", self.ctx)
        try:
            async with asyncio.timeout(CUT_OFF_SECONDS):
                await records.add_counts(self.redis, self.queue, self.id, self.observer.counts)
                await records.take_sign_back(self.redis, self.queue, self.id)
        except (TimeoutError, *LOST) as error:
            log.warning("redis_is_gone", queue=self.queue.name, reason=error_text(error))
        await self.redis.aclose()
        log.info("worker_stopped", queue=self.queue.name)


def unfinished(worker: Worker) -> dict[str, asyncio.Task[Any]]:
    """Those of its jobs that have not come to their end."""
    return {job: task for job, task in worker.tasks.items() if not task.done()}


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel a task until it has ended: before Python 3.12 `wait_for` can swallow a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.1)

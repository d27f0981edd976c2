"""Workers at work: in a process of their own, or in one that has Redis embedded."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from arq import func

from app.components.worker.connections import make_worker_redis
from app.components.worker.worker import QueueWorker
from app.core.config import settings
from app.core.errors import ConfigurationError
from app.core.heartbeat import beating
from app.core.logging import get_logger
from app.core.queues import Queue, queues
from app.core.redaction import redact
from app.core.redis import is_embedded
from app.core.redis_url import is_in_process
from app.core.resources import open_shared_resources

log = get_logger(__name__)


def make_worker(queue: Queue, *, burst: bool = False) -> QueueWorker:
    """A worker of a queue; `burst`: until the queue is empty."""
    return QueueWorker(queue, make_worker_redis(queue), queue.settings(), burst=burst)


def task_names(queue: Queue) -> list[str]:
    """What the workers of a queue can do."""
    options = queue.settings()
    names = [func(task).name for task in getattr(options, "functions", ())]
    return sorted(names + [job.name for job in getattr(options, "cron_jobs", ())])


async def run_worker(queue: Queue, stop: asyncio.Event) -> None:
    """Be the process of a queue.

    Raises:
        ConfigurationError: There is no Redis that others see as well.
    """
    refuse_to_work_alone()
    async with open_shared_resources():
        # Nobody may have answered.
        refuse_to_work_alone()
        async with beating(queue.process):
            await make_worker(queue).work(stop)


def refuse_to_work_alone() -> None:
    """A worker with a Redis of its own would never see a job."""
    if is_in_process():
        place = redact(settings.REDIS_URL)
        problem = f"a worker needs a Redis that other processes see, and there is none ({place})"
        how = "start one, or use `serve` without a name: it runs the queues in the web process"
        raise ConfigurationError([f"REDIS_URL: {problem}; {how}"])


@asynccontextmanager
async def embedded_queues() -> AsyncGenerator[None]:
    """Work on all queues in this process if Redis is embedded: nobody else can reach it."""
    if not is_embedded():
        yield
        return
    stop = asyncio.Event()

    async def run(queue: Queue) -> None:
        try:
            await make_worker(queue).work(stop)
        except Exception:
            # The process has other things to do; health tells that this queue has no worker.
            log.exception("worker_failed", queue=queue.name)

    workers = [asyncio.create_task(run(queue)) for queue in queues()]
    log.info("queues_run_in_this_process", queues=[queue.name for queue in queues()])
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*workers)


async def work_off(name: str) -> QueueWorker:
    """Do what is in a queue, here, and return the worker when it is empty. For tests and scripts."""
    from app.core.queues import find_queue

    worker = make_worker(find_queue(name), burst=True)
    await worker.work(asyncio.Event())
    return worker

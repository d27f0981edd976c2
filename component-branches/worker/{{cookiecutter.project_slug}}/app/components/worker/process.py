"""Workers at work: in a process of their own, or in one that has Redis embedded."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from arq import func
from arq.connections import ArqRedis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app.components.worker.worker import QueueWorker
from app.core.config import settings
from app.core.errors import ConfigurationError
from app.core.extensions import load
from app.core.logging import get_logger
from app.core.queues import Queue, queues
from app.core.redaction import redact
from app.core.redis import make_pool
from app.core.redis_url import is_in_process
from app.core.resources import open_shared_resources
from app.services.queues.pool import make_queue_pool

log = get_logger(__name__)


def make_worker(queue: Queue, *, burst: bool = False) -> QueueWorker:
    """A worker of a queue; `burst`: until the queue is empty."""
    return QueueWorker(queue, make_worker_pool(queue), load(queue.settings), burst=burst)


def task_names(queue: Queue) -> list[str]:
    """What the workers of a queue can do."""
    options = load(queue.settings)
    names = [func(task).name for task in options.functions]
    return sorted(names + [job.name for job in options.cron_jobs])


def make_worker_pool(queue: Queue) -> ArqRedis:
    """Connections for a worker.

    Without a limit of time for each answer: that takes a tenth of what a worker can do, and a worker
    has nothing better to do than to wait for a Redis that is slow. And no command is sent again by
    itself: the worker knows better what has to be.
    """
    connections = make_pool(
        decode_responses=False,
        socket_timeout=None,
        retry=Retry(NoBackoff(), retries=0),
        retry_on_error=[],
    )
    pool = make_queue_pool(queue, connections)
    pool.auto_close_connection_pool = True
    return pool


async def run_worker(queue: Queue, stop: asyncio.Event) -> None:
    """Be the process of a queue.

    Raises:
        ConfigurationError: There is no Redis that others see as well.
    """
    refuse_to_work_alone()
    async with open_shared_resources():
        # Nobody may have answered.
        refuse_to_work_alone()
        await make_worker(queue).work(stop)


def refuse_to_work_alone() -> None:
    """A worker with a Redis of its own would never see a job."""
    if is_in_process():
        place = redact(settings.REDIS_URL)
        problem = f"a worker needs a Redis that other processes see, and there is none ({place})"
        how = "start one, or use `serve` without a name: it runs the queues in the web process"
        raise ConfigurationError([f"REDIS_URL: {problem}; {how}"])


@asynccontextmanager
async def run_embedded_queues() -> AsyncGenerator[None]:
    """Work on all queues in this process, for nobody else can reach its Redis."""
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

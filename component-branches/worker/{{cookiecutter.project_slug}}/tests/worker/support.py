"""Workers with tasks of the tests."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.components.worker import worker as module
from app.components.worker.connections import make_worker_redis
from app.components.worker.worker import QueueWorker
from app.core.config import settings
from app.core.queues import find_queue
from app.services.queues import QueueState
from app.services.queues.records import read_queue

SYSTEM = find_queue("system")
PATIENCE = 90.0
"""How many seconds a busy machine may take for what takes a moment otherwise."""


def make_worker(*functions: Any, burst: bool = True, **options: Any) -> QueueWorker:
    """A worker of the queue `system` that can do this and nothing else."""
    usual = {"functions": functions, "poll_delay": 0.01, "max_tries": 3}
    values = type("WorkerSettings", (), usual | options)
    return QueueWorker(SYSTEM, make_worker_redis(SYSTEM), values, burst=burst)


async def work(*functions: Any, **options: Any) -> None:
    """Do what is in the queue, until it is empty."""
    async with asyncio.timeout(PATIENCE):
        await make_worker(*functions, **options).work(asyncio.Event())


@asynccontextmanager
async def working(*functions: Any, **options: Any) -> AsyncGenerator[QueueWorker]:
    """A worker that works as long as the block runs."""
    stop = asyncio.Event()
    worker = make_worker(*functions, burst=False, **options)
    task = asyncio.create_task(worker.work(stop))
    try:
        yield worker
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await task


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 (nobody tells when it is)
            await asyncio.sleep(0.01)


async def until_sign_of(job: str) -> QueueState:
    """Wait until a worker has left a sign of life that says that it runs this job."""
    async with asyncio.timeout(PATIENCE):
        while True:
            state = await read_queue(SYSTEM)
            if any(job == run.id for worker in state.workers for run in worker.jobs):
                return state
            await asyncio.sleep(0.01)


def beat_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers leave a sign of life all the time."""
    change_settings(monkeypatch, module, WORKER_HEARTBEAT_SECONDS=0.02)


def change_settings(monkeypatch: pytest.MonkeyPatch, module: object, **values: Any) -> None:
    """Let a module have other settings."""
    monkeypatch.setattr(module, "settings", settings.model_copy(update=values))

"""The queues of this project, and their processes."""

import inspect
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from redis.asyncio import Redis

from app.components.worker.process import make_worker, refuse_to_work_alone, task_names
from app.components.worker.tasks.report_health import report_health
from app.components.worker.worker import CUT_OFF_SECONDS, STOPPED_SECONDS
from app.core import redis_url
from app.core.config import Settings, settings
from app.core.constants import ROOT
from app.core.errors import ConfigurationError
from app.core.queues import Queue, find_queue, queues
from app.core.supervisor import MARGIN_SECONDS
from app.entrypoints.processes import find_processes
from app.services.queues import get_queue_pool
from app.services.queues.records import read_queue
from tests.fixtures.worker import WorkQueue


@pytest.fixture(params=queues(), ids=lambda queue: queue.name)
def queue(request: pytest.FixtureRequest) -> Queue:
    """Each of them."""
    found: Queue = request.param
    return found


def test_a_queue_has_tasks(queue: Queue) -> None:
    names = task_names(queue)
    assert names
    assert len(names) == len(set(names))


async def test_a_worker_can_be_made(queue: Queue, redis_client: Redis) -> None:
    queue_worker = make_worker(queue)
    assert queue_worker.worker.queue_name == queue.key
    assert queue_worker.worker.health_check_key.startswith(queue.key)
    functions = queue_worker.worker.functions.values()
    assert all(inspect.iscoroutinefunction(known.coroutine) for known in functions)
    await queue_worker.redis.aclose()


def test_a_queue_has_a_process(queue: Queue) -> None:
    [process] = find_processes(["worker", queue.name.replace("_", "-")])
    assert process.args == (queue.name,)
    assert queue.process in [found.name for found in find_processes(["worker"])]


def test_a_queue_has_a_container_that_can_be_scaled(queue: Queue) -> None:
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    service = compose.partition(f"\n  {queue.process}:\n")[2].partition("\n\n")[0]
    assert "serve" in service
    assert "ports:" not in service
    assert "container_name:" not in service


def test_with_redis_in_the_process_no_worker_is_started() -> None:
    assert all(process.is_done_elsewhere() for process in find_processes(["worker"]))
    with pytest.raises(ConfigurationError, match="without a name"):
        refuse_to_work_alone()


def test_with_redis_elsewhere_workers_are_processes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere:6379/0")
    monkeypatch.setattr(redis_url, "settings", Settings(_env_file=None))
    assert not any(process.is_done_elsewhere() for process in find_processes(["worker"]))


def test_what_has_not_ended_is_given_back_before_the_supervisor_kills() -> None:
    assert STOPPED_SECONDS + CUT_OFF_SECONDS < MARGIN_SECONDS
    for process in find_processes(["worker"]):
        assert process.stop_seconds() == settings.WORKER_STOP_SECONDS


async def test_the_example_reports_the_health(work_queue: WorkQueue) -> None:
    pool, _ = await get_queue_pool("system")
    job = await pool.enqueue_job("report_health")
    assert job is not None
    await work_queue("system")
    assert await job.result(timeout=1) in {"healthy", "degraded", "unhealthy"}
    await pool.aclose()


async def test_a_task_can_be_called_like_any_function() -> None:
    assert await report_health({}) in {"healthy", "degraded", "unhealthy"}


async def test_a_job_waits_from_its_first_moment_on(redis_client: Redis) -> None:
    # arq rounds the time of the job to milliseconds, here up.
    with time_machine.travel(datetime(2026, 1, 2, 3, 0, 0, 600, tzinfo=UTC), tick=False):
        pool, _ = await get_queue_pool("system")
        await pool.enqueue_job("report_health")
        queue = await read_queue(find_queue("system"))
        await pool.aclose()
    assert (queue.waiting, queue.deferred) == (1, 0)

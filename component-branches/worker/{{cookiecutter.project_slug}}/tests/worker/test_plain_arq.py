"""What plain arq does with this Redis: the settings that it documents, and its own way to enqueue."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from arq import cron
from arq.connections import ArqRedis
from arq.constants import default_queue_name
from redis.asyncio import Redis

from app.components.worker import worker as module
from app.components.worker.connections import make_worker_redis
from app.components.worker.worker import QueueWorker
from app.core.config import Settings
from app.core.queues import find_queue
from app.core.redis import make_pool
from app.services.queues import failed_jobs, get_queue_pool
from app.services.queues.records import read_queue
from tests.worker.support import PATIENCE, SYSTEM, change_settings, until, work, working

LOAD_TEST = find_queue("load_test")

calls: list[Any] = []


async def note(ctx: dict[str, Any], *args: Any) -> None:
    calls.append(args)


@pytest.fixture(autouse=True)
def no_calls(redis_client: Redis) -> None:
    """None yet, and a Redis."""
    calls.clear()


@pytest.fixture
async def plain() -> AsyncGenerator[ArqRedis]:
    """A pool as `create_pool(RedisSettings())` makes it: pickle, and a queue of arq's own."""
    pool = ArqRedis(make_pool(decode_responses=False))
    yield pool
    await pool.aclose(close_connection_pool=True)


async def test_settings_without_a_queues_name_serve_the_queue_that_has_them() -> None:
    class WorkerSettings:
        functions = [note]  # noqa: RUF012

    class Copied(WorkerSettings):
        functions = [note]  # noqa: RUF012
        queue_name = SYSTEM.key
        health_check_key = f"{SYSTEM.key}:health-check"

    for settings in (WorkerSettings, Copied):
        pool, _ = await get_queue_pool("load_test")
        await pool.enqueue_job("note", settings.__name__)
        await pool.aclose()
        worker = QueueWorker(LOAD_TEST, make_worker_redis(LOAD_TEST), settings, burst=True)
        async with asyncio.timeout(PATIENCE):
            await worker.work(asyncio.Event())
    assert calls == [("WorkerSettings",), ("Copied",)]
    assert worker.worker.health_check_key == f"{LOAD_TEST.key}:health-check"


async def test_a_job_that_plain_arq_has_enqueued_runs(plain: ArqRedis) -> None:
    await plain.enqueue_job("note", {"report": 7, "tags": ["a"], "price": 1.5, "raw": b"x"})
    async with working(note):
        await until(lambda: calls == [({"report": 7, "tags": ["a"], "price": 1.5, "raw": b"x"},)])
    assert not await plain.exists(default_queue_name)
    assert (await read_queue(SYSTEM)).done == 1


async def test_a_job_that_comes_while_a_worker_runs_is_found_by_its_next_sign_of_life(
    plain: ArqRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_settings(monkeypatch, module, WORKER_HEARTBEAT_SECONDS=0.05)
    async with working(note):
        await plain.enqueue_job("note", 1)
        await until(lambda: calls == [(1,)])


@pytest.mark.parametrize("argument", [datetime(2026, 1, 2, tzinfo=UTC), print])
async def test_one_that_holds_more_than_plain_values_fails_and_says_how(
    argument: object, plain: ArqRedis
) -> None:
    await plain.enqueue_job("note", argument)
    await work(note)
    assert calls == []
    [found] = await failed_jobs()
    assert "not a plain value" in found.error
    assert "get_queue_pool" in found.error


async def test_the_jobs_of_somebody_elses_worker_are_left_alone(plain: ArqRedis) -> None:
    await plain.set(f"{default_queue_name}:health-check", b"alive", ex=60)
    await plain.enqueue_job("note", 1)
    await work(note)
    assert calls == []
    assert await plain.zcard(default_queue_name) == 1


def test_cron_jobs_are_in_the_zone_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    change_settings(monkeypatch, module, WORKER_TIMEZONE="Europe/Berlin")

    class WorkerSettings:
        cron_jobs = [cron(note, hour=9, minute=0)]  # noqa: RUF012

    worker = QueueWorker(SYSTEM, make_worker_redis(SYSTEM), WorkerSettings).worker
    [job] = worker.cron_jobs
    job.calculate_next(datetime(2026, 7, 1, 6, 0, tzinfo=UTC).astimezone(worker.timezone))
    assert job.next_run is not None
    assert job.next_run.astimezone(UTC).hour == 7
    assert worker.timezone == ZoneInfo("Europe/Berlin")


def test_days_of_failures_are_no_more_than_a_calendar_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever means for ever hears of it at the start, and not when what is older is to go."""
    monkeypatch.setenv("WORKER_FAILED_DAYS", "999999")
    with pytest.raises(ValueError, match="WORKER_FAILED_DAYS"):
        Settings(_env_file=None)


def test_a_time_zone_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKER_TIMEZONE", "Europe/Atlantis")
    with pytest.raises(ValueError, match="Atlantis"):
        Settings(_env_file=None)

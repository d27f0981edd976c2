"""The scheduler hands work to a queue."""

from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.components.worker.process import task_names, work_off
from app.core import redis as redis_module
from app.core.config import Settings
from app.core.queues import find_queue
from app.core.scheduler import handover, process
from app.core.scheduler.firing import Firing, current_firing
from app.core.scheduler.handover import enqueue
from app.core.scheduler.scheduler import build_scheduler, registering_functions
from app.services.queues.records import read_queue
from app.services.scheduler import Outcome
from tests.cache.test_redis import nobody
from tests.scheduler.support import running_scheduler, wait_for_runs

SYSTEM = find_queue("system")
NIGHT = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)


async def enqueue_at(at: datetime) -> None:
    """Run the job `nightly` as planned for that time."""
    token = current_firing.set(Firing("nightly", at))
    try:
        await enqueue("system", "report_health")
    finally:
        current_firing.reset(token)


async def test_a_planned_time_makes_one_job(redis_client: Redis) -> None:
    await enqueue_at(NIGHT)
    await enqueue_at(NIGHT)
    assert await redis_client.zrange(SYSTEM.key, 0, -1) == ["nightly:2026-01-02T03:00:00+0000"]
    await work_off("system")
    # Not even when the job is done.
    await enqueue_at(NIGHT)
    assert (await read_queue(SYSTEM)).waiting == 0
    await enqueue_at(NIGHT + timedelta(days=1))
    assert (await read_queue(SYSTEM)).waiting == 1


async def test_by_hand_it_is_enqueued_each_time(redis_client: Redis) -> None:
    await enqueue("system", "report_health")
    await enqueue("system", "report_health")
    assert (await read_queue(SYSTEM)).waiting == 2


async def test_the_scheduler_hands_it_over(
    monkeypatch: pytest.MonkeyPatch, redis_client: Redis
) -> None:
    planned = datetime.now(UTC) + timedelta(seconds=0.05)

    def register(scheduler: AsyncIOScheduler) -> None:
        arguments = ["system", "report_health"]
        scheduler.add_job(enqueue, "date", run_date=planned, args=arguments, id="once")

    monkeypatch.setattr(process, "registering_functions", lambda: [register])
    async with running_scheduler():
        [run] = await wait_for_runs(1)
    assert run.outcome is Outcome.OK
    job = f"once:{planned:%Y-%m-%dT%H:%M:%S%z}"
    # Where Redis is embedded, the scheduler's process works on the queue as well.
    known = ["arq:job:" + job, "arq:result:" + job]
    assert await redis_client.exists(*known) == 1


async def test_without_redis_the_run_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "PATIENCE_SECONDS", 0.5)
    gone = Redis.from_url(nobody(), socket_connect_timeout=0.1)
    async with redis_module.use_redis(gone):
        with pytest.raises(RedisError):
            await enqueue("system", "report_health")


def test_workers_share_the_zone_unless_they_have_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEDULER_TIMEZONE", "Europe/Berlin")
    assert Settings(_env_file=None).WORKER_TIMEZONE == "Europe/Berlin"
    monkeypatch.setenv("WORKER_TIMEZONE", "Asia/Tokyo")
    assert Settings(_env_file=None).WORKER_TIMEZONE == "Asia/Tokyo"


def test_what_is_handed_over_exists() -> None:
    scheduler = build_scheduler(persistent=False)
    scheduler.register(registering_functions())
    handed_over = [job.args[:2] for job in scheduler.get_jobs() if job.func is enqueue]
    assert ("system", "report_health") in handed_over
    for queue, task in handed_over:
        assert task in task_names(find_queue(queue))

"""The page of the workers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from arq import func
from redis.asyncio import Redis

from app.components.frontend.door import Viewer, viewer
from app.components.frontend.views import worker
from app.services.queues import get_queue_pool
from app.services.system import CheckResult
from tests.dashboard.support import Screen, make_frame
from tests.worker.support import beat_often, until_sign_of, work, working

Show = Callable[..., Awaitable[Screen]]

FRAME = make_frame(("worker", CheckResult.healthy("Works", workers=2)))


async def fail(ctx: dict[str, Any]) -> None:
    raise ValueError("no such thing")


async def test_the_page_shows_failures_with_their_reasons(show: Show, redis_client: Redis) -> None:
    pool, _ = await get_queue_pool("system")
    await pool.enqueue_job("fail", _job_id="one")
    await work(fail)
    await pool.aclose()
    screen = await show(FRAME, route="/components/worker")
    for text in ("Failed jobs", "one", "ValueError: no such thing", "after 1 try"):
        assert screen.shows(text), text


async def test_the_page_shows_what_is_running(
    show: Show, redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat_often(monkeypatch)
    ended = asyncio.Event()

    async def wait(ctx: dict[str, Any]) -> None:
        await ended.wait()

    pool, _ = await get_queue_pool("system")
    async with working(func(wait, name="wait")):
        await pool.enqueue_job("wait", _job_id="one")
        await until_sign_of("one")
        screen = await show(FRAME, route="/components/worker")
        assert screen.shows("wait  one")
        ended.set()
    await pool.aclose()


async def test_without_redis_it_does_not_say_that_nothing_failed(
    show: Show, redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail_to_read() -> None:
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(worker, "read_queues", fail_to_read)
    screen = await show(FRAME, route="/components/worker")
    assert screen.texts().count("Redis cannot be read (ConnectionError).") == 2
    assert not screen.shows("No job has failed.")


async def look_again(screen: Screen) -> None:
    """Show what is there now."""
    await screen.browser.settle()
    await screen.dashboard.show(FRAME)
    await screen.browser.settle()


async def test_a_failed_job_is_tried_again_with_a_click(
    show: Show, redis_client: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    pool, _ = await get_queue_pool("system")
    await pool.enqueue_job("fail", _job_id="one")
    await work(fail)
    screen = await show(FRAME, route="/components/worker")
    viewer.set(Viewer("ada@example.com"))
    with caplog.at_level(logging.INFO):
        await screen.press("Try again")
    await look_again(screen)
    queued = [job.job_id for job in await pool.queued_jobs()]
    await pool.aclose()
    assert screen.shows("No job has failed.")
    assert queued == ["one"]
    [noted] = [record for record in caplog.records if record.msg == "dashboard_action"]
    about = {"action": "retry", "by": "ada@example.com", "job": "one", "queue": "system"}
    assert vars(noted)["values"] == about


async def test_a_failed_job_is_forgotten_when_asked_twice(show: Show, redis_client: Redis) -> None:
    pool, _ = await get_queue_pool("system")
    await pool.enqueue_job("fail", _job_id="one")
    await work(fail)
    await pool.aclose()
    screen = await show(FRAME, route="/components/worker")
    await screen.press("Forget")
    await look_again(screen)
    assert screen.shows("ValueError: no such thing")
    await screen.press("No")
    await screen.press("Forget")
    await screen.press("Forget?")
    await look_again(screen)
    assert screen.shows("No job has failed.")


async def test_the_page_says_when_there_is_nothing(show: Show, redis_client: Redis) -> None:
    screen = await show(FRAME, route="/components/worker")
    assert screen.shows("Nothing is running.")
    assert screen.shows("No job has failed.")

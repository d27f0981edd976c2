"""The page of the workers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from arq import func
from redis.asyncio import Redis

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


async def test_the_page_says_when_there_is_nothing(show: Show, redis_client: Redis) -> None:
    screen = await show(FRAME, route="/components/worker")
    assert screen.shows("Nothing is running.")
    assert screen.shows("No job has failed.")

"""Answers in the background."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from arq import func
from redis.asyncio import Redis

from app.components.worker import worker as worker_module
from app.components.worker.tasks.run_prompt import run_prompt
from app.core.config import settings
from app.core.errors import AppError, NotFoundError
from app.core.redis import make_client, use_redis
from app.core.redis_url import EMBEDDED_URL
from app.services.ai import OPERATOR, AnswerState, Caller, jobs
from app.services.ai.chat import close_service, load
from app.services.ai.errors import BusyError
from app.services.ai.jobs import JobState, PromptJob, ask_later, find_job
from app.services.ai.models import now
from app.services.ai.providers import chosen
from app.services.ai.storage import storage
from app.services.queues.pool import queue_connections
from app.services.queues.records import read_queue
from tests.worker.support import PATIENCE, SYSTEM, change_settings, work, working

ADA, BOB = Caller(user_id="ada"), Caller(user_id="bob")
TASK = func(run_prompt, max_tries=2)
LONG = "Say a lot. " * 50


@pytest.fixture(autouse=True)
async def redis() -> AsyncIterator[Redis]:
    """As in a process of the application, which has loaded what takes its time."""
    load(chosen(settings), settings)
    async with use_redis(make_client(EMBEDDED_URL)) as client, queue_connections():
        yield client
        await close_service()


async def until(job: PromptJob, condition: Callable[[PromptJob], object]) -> PromptJob:
    """Wait until a job is so."""
    async with asyncio.timeout(PATIENCE):
        while not condition(found := await find_job(job.id, ADA)):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return found


async def answers() -> int:
    """How many were paid for."""
    return sum(row.answers for row in await storage().usage(now().date()))


async def test_a_worker_answers(redis: Redis) -> None:
    job = await ask_later("Explain webhooks", caller=ADA)
    assert (await find_job(job.id, ADA)).state is JobState.WAITING
    assert "webhooks" not in str(await redis.get(f"arq:job:prompt:{job.id}"))
    await work(TASK)
    found = await find_job(job.id, ADA)
    assert found.state is JobState.DONE
    assert found.answer is not None
    assert found.answer.text.endswith("You said: Explain webhooks")
    assert found.text == found.answer.text
    assert await redis.ttl(f"ai:job:{job.id}") > 0


async def test_progress_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "PROGRESS_SECONDS", 0.0)
    job = await ask_later(LONG, caller=ADA)
    async with working(TASK):
        begun = await until(job, lambda seen: seen.text)
        assert (begun.state, begun.answer) == (JobState.RUNNING, None)
    found = await find_job(job.id, ADA)
    assert found.text.startswith(begun.text)
    assert len(found.text) > len(begun.text)


async def test_nobody_finds_a_job_of_somebody_else() -> None:
    job = await ask_later("My secret", caller=ADA)
    for other in (BOB, OPERATOR):
        with pytest.raises(NotFoundError):
            await find_job(job.id, other)
    with pytest.raises(NotFoundError):
        await find_job("nothing", ADA)


async def test_tools_have_the_rights_of_whoever_asked() -> None:
    mine = await ask_later("How is the health?", caller=ADA)
    theirs = await ask_later("How is the health?", caller=OPERATOR)
    await work(TASK)
    assert (await find_job(mine.id, ADA)).tools == []
    assert (await find_job(theirs.id, OPERATOR)).tools == ["system_health"]


async def test_what_cannot_be_answered_says_why() -> None:
    with pytest.raises(AppError, match="empty"):
        await ask_later(" ", caller=ADA)
    job = await ask_later("Hi", caller=ADA, conversation_id="nothing")
    await work(TASK)
    found = await find_job(job.id, ADA)
    assert (found.state, found.problem) == (JobState.FAILED, "There is no such conversation.")


async def test_a_worker_that_stops_keeps_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    change_settings(monkeypatch, worker_module, WORKER_STOP_SECONDS=0.05)
    monkeypatch.setattr(jobs, "PROGRESS_SECONDS", 0.0)
    job = await ask_later(LONG, caller=ADA)
    assert await answers() == 0
    async with working(TASK):
        begun = await until(job, lambda seen: seen.text)
    found = await until(job, lambda seen: seen.state is JobState.DONE)
    assert found.answer is not None
    assert found.answer.state is AnswerState.INTERRUPTED
    assert found.answer.text.startswith(begun.text)
    await work(TASK)
    assert await find_job(job.id, ADA) == found
    assert await answers() == 1


async def test_what_a_crash_cut_off_is_not_paid_for_again() -> None:
    job = await ask_later("Hi", caller=ADA)
    # As the worker left it that was killed.
    job.state, job.text = JobState.RUNNING, "The beginning"
    await jobs._save(job)
    await work(TASK)
    found = await find_job(job.id, ADA)
    assert (found.state, found.text) == (JobState.FAILED, "The beginning")
    assert "ask again" in found.problem
    assert await answers() == 0


async def test_one_user_takes_not_all_places() -> None:
    for _ in range(jobs.MOST_AT_ONCE):
        await ask_later("Hi", caller=ADA)
    with pytest.raises(BusyError):
        await ask_later("Hi", caller=ADA)
    await ask_later("Hi", caller=BOB)
    assert (await read_queue(SYSTEM)).waiting == jobs.MOST_AT_ONCE + 1
    await work(TASK)
    await ask_later("Hi", caller=ADA)

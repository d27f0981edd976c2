"""Answers that workers write in the background.

    job = await ask_later("Compare these laws: ...", caller=Caller(user_id=str(user.id)))
    job = await find_job(job.id, caller)  # job.state, job.text so far, job.answer

The job in the queue has nothing but an id; question and answer are beside it in Redis, for a day.
"""

import asyncio
import time
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field
from redis.exceptions import RedisError

from app.core.errors import AppError, NotFoundError
from app.core.logging import get_logger
from app.core.redis import redis_client
from app.services.ai.chat import chat_service
from app.services.ai.errors import BusyError
from app.services.ai.live import LiveAnswer
from app.services.ai.models import Answer, Caller, Done, Text, ToolUse, new_id, now
from app.services.queues import get_queue_pool

log = get_logger(__name__)

QUEUE = "system"
KEPT_SECONDS = 24 * 3600
MOST_AT_ONCE = 10
"""How many answers one user may wait for."""
PROGRESS_SECONDS = 0.5
LOST = "The worker was stopped before the answer ended. What it had said is kept; ask again."
FAILED = "Something went wrong."


class JobState(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    """There is an answer; `answer.state` says whether it is complete."""
    FAILED = "failed"


class PromptJob(BaseModel):
    """A question, and what has become of it."""

    id: str = Field(default_factory=new_id)
    message: str
    user_id: str
    is_operator: bool
    conversation_id: str | None
    asked_at: datetime = Field(default_factory=now)
    state: JobState = JobState.WAITING
    text: str = ""
    tools: list[str] = Field(default_factory=list)
    answer: Answer | None = None
    problem: str = ""

    @property
    def caller(self) -> Caller:
        """Who asks: with the rights that they had when they did."""
        return Caller(user_id=self.user_id, is_operator=self.is_operator)


async def ask_later(
    message: str, *, caller: Caller, conversation_id: str | None = None
) -> PromptJob:
    """Leave a question to a worker.

    Raises `app.core.errors.AppError` when it can be seen already that there will be no answer.
    """
    job = PromptJob(
        message=chat_service().checked(message),
        user_id=caller.user_id,
        is_operator=caller.is_operator,
        conversation_id=conversation_id,
    )
    await _take_place(job)
    await _save(job)
    pool, _ = await get_queue_pool(QUEUE)
    try:
        await pool.enqueue_job("run_prompt", job.id, _job_id=f"prompt:{job.id}")
    finally:
        await pool.aclose()
    return job


async def find_job(job_id: str, caller: Caller) -> PromptJob:
    """A job of this caller.

    Raises:
        NotFoundError: There is none; nobody sees those of others.
    """
    job = await _read(job_id)
    if job is None or job.user_id != caller.user_id:
        raise NotFoundError("There is no such job.")
    return job


async def run_job(job_id: str) -> None:
    """Answer the question of a job, once: what was cut off is not paid for again."""
    job = await _read(job_id)
    if job is None or job.state in (JobState.DONE, JobState.FAILED):
        return
    if job.state is JobState.RUNNING:
        await _end(job, JobState.FAILED, LOST)
        return
    job.state = JobState.RUNNING
    await _save(job)
    try:
        live = await chat_service().start(
            job.message, caller=job.caller, conversation_id=job.conversation_id
        )
        await _follow(live, job)
    except AppError as error:
        await _end(job, JobState.FAILED, str(error))
    except Exception:
        await _end(job, JobState.FAILED, FAILED)
        raise


async def _follow(live: LiveAnswer, job: PromptJob) -> None:
    """Tell how far an answer is, until it has ended."""
    told_at = 0.0
    try:
        async for event in live.events():
            match event:
                case Text(text):
                    job.text += text
                case ToolUse(name):
                    job.tools.append(name)
                case Done():
                    break
            if time.monotonic() - told_at >= PROGRESS_SECONDS:
                await _tell(job)
                told_at = time.monotonic()
    finally:
        # Also when the worker stops, which cancels more than once: what was said is the answer.
        await asyncio.shield(asyncio.create_task(_finish(live, job)))


async def _finish(live: LiveAnswer, job: PromptJob) -> None:
    await live.stop()
    if live.failure is None:
        job.text, job.answer = live.turn.answer, Answer.of(live.turn)
        await _end(job, JobState.DONE, live.turn.problem)


async def _tell(job: PromptJob) -> None:
    try:
        await _save(job)
    except RedisError as error:
        # The answer is worth more than the news of it.
        log.warning("ai_progress_not_told", job_id=job.id, reason=type(error).__name__)


async def _end(job: PromptJob, state: JobState, problem: str) -> None:
    job.state, job.problem = state, problem
    await _save(job)
    await redis_client().zrem(_places(job.user_id), job.id)


async def _take_place(job: PromptJob) -> None:
    """Count it among those that its user waits for.

    Raises:
        BusyError: There are too many.
    """
    key, at = _places(job.user_id), job.asked_at.timestamp()
    async with redis_client().pipeline(transaction=True) as pipeline:
        pipeline.zremrangebyscore(key, "-inf", at - KEPT_SECONDS)
        pipeline.zadd(key, {job.id: at})
        pipeline.expire(key, KEPT_SECONDS)
        pipeline.zcard(key)
        *_, count = await pipeline.execute()
    if count > MOST_AT_ONCE:
        await redis_client().zrem(key, job.id)
        raise BusyError(f"You wait for {MOST_AT_ONCE} answers already.")


def _places(user_id: str) -> str:
    return f"ai:waiting:{user_id}"


def _key(job_id: str) -> str:
    return f"ai:job:{job_id}"


async def _read(job_id: str) -> PromptJob | None:
    found = await redis_client().get(_key(job_id))
    return PromptJob.model_validate_json(found) if found is not None else None


async def _save(job: PromptJob) -> None:
    await redis_client().set(_key(job.id), job.model_dump_json(), ex=KEPT_SECONDS)

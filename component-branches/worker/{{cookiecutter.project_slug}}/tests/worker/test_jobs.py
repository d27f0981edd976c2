"""What becomes of a job: results, failures, other tries."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from arq import Retry, func
from arq.jobs import SerializationError
from arq.worker import JobExecutionFailed
from pydantic import BaseModel
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import ConnectionError as NoConnectionError

from app.components.worker.retrying import retry_on
from app.core.context import request_id, trace_parent
from app.core.errors import AppError, ConflictError, NotFoundError, UnavailableError
from app.core.jobs import Outcome
from app.core.logging import StructuredFormatter, get_logger
from app.services.queues import (
    failed_jobs,
    forget_failed_jobs,
    get_queue_pool,
    records,
    retry_failed_job,
)
from app.services.queues.pool import queue_connections
from app.services.queues.records import read_queue
from tests.worker.support import (
    PATIENCE,
    SYSTEM,
    beat_often,
    change_settings,
    until,
    until_sign_of,
    work,
    working,
)

calls: list[Any] = []


class Order(BaseModel):
    """Something to do."""

    number: int
    at: datetime


async def note(ctx: dict[str, Any], *args: Any, **kwargs: Any) -> int:
    calls.append((*args, *kwargs.values()))
    return len(calls)


async def fail(ctx: dict[str, Any], word: str = "") -> None:
    calls.append(ctx["job_try"])
    raise ValueError(f"password=hunter2 {word}".strip())


@retry_on(UnavailableError, first=0.01)
async def unsteady(ctx: dict[str, Any], failures: int) -> str:
    calls.append(ctx["job_try"])
    if ctx["job_try"] <= failures:
        raise UnavailableError("the other side sleeps")
    return "done at last"


@pytest.fixture(autouse=True)
async def queue_pool(redis_client: Redis) -> AsyncGenerator[None]:
    """As in a process of the application."""
    calls.clear()
    async with queue_connections():
        yield


async def until_failure_of(function: str) -> None:
    """Wait until a job has failed."""
    async with asyncio.timeout(PATIENCE):
        while function not in [job.function for job in await failed_jobs()]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def enqueue(function: str, *args: Any, **options: Any) -> Any:
    pool, _ = await get_queue_pool("system")
    return await pool.enqueue_job(function, *args, **options)


async def test_a_job_is_done_and_its_result_can_be_read() -> None:
    pool, name = await get_queue_pool("system")
    job = await pool.enqueue_job("note", 7, word="lamp")
    assert job is not None
    assert await pool.zcard(name) == 1
    await pool.aclose()
    await work(note)
    assert calls == [(7, "lamp")]
    assert await job.result(timeout=1) == 1
    state = await read_queue(SYSTEM)
    assert (state.done, state.failed, state.waiting) == (1, 0, 0)


async def test_what_json_has_no_form_for_becomes_what_a_model_can_read() -> None:
    order = Order(number=7, at=datetime(2026, 1, 2, tzinfo=UTC))
    await enqueue("note", order)
    await work(note)
    [(given,)] = calls
    assert Order.model_validate(given) == order


async def test_what_cannot_be_written_is_refused_at_once() -> None:
    with pytest.raises(SerializationError):
        await enqueue("note", object())
    assert (await read_queue(SYSTEM)).waiting == 0


async def test_redis_holds_no_pickle(redis_client: Redis) -> None:
    await enqueue("note", 7, _job_id="one")
    assert json.loads(await redis_client.get("arq:job:one"))["a"] == [7]


async def test_a_job_that_fails_is_kept_with_its_reason() -> None:
    job = await enqueue("fail", "token")
    await work(fail)
    with pytest.raises(JobExecutionFailed, match="ValueError"):
        await job.result(timeout=1)
    [found] = await failed_jobs()
    assert (found.id, found.function, found.args) == (job.job_id, "fail", ["token"])
    assert found.tries == 1
    assert found.error == "ValueError: password=*** token"
    assert "in fail" in found.traceback
    assert "hunter2" not in found.traceback
    state = await read_queue(SYSTEM)
    assert (state.done, state.failed, state.failed_lately) == (0, 1, 1)


async def test_a_failed_job_can_be_put_back() -> None:
    await enqueue("fail", "again", _job_id="one")
    await work(fail)
    [found] = await failed_jobs()
    await retry_failed_job(found)
    assert await failed_jobs() == []
    await work(func(note, name="fail"))
    assert calls == [1, ("again",)]


async def test_what_is_in_the_queue_already_is_not_put_back_twice() -> None:
    await enqueue("fail", _job_id="one")
    await work(fail)
    [found] = await failed_jobs()
    await retry_failed_job(found)
    with pytest.raises(ConflictError):
        await retry_failed_job(found)
    assert (await read_queue(SYSTEM)).waiting == 1


async def test_arguments_that_are_too_large_are_not_kept() -> None:
    await enqueue("fail", "x" * 100_000)
    await work(fail)
    [found] = await failed_jobs()
    assert found.args is None
    with pytest.raises(AppError, match="too large"):
        await retry_failed_job(found)


async def test_only_the_latest_failures_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    change_settings(monkeypatch, records, WORKER_FAILED_KEPT=3)
    for number in range(5):
        await enqueue("fail", str(number))
        await work(fail)
    assert [job.args for job in await failed_jobs()] == [["4"], ["3"], ["2"]]
    assert (await read_queue(SYSTEM)).failed == 5


async def test_old_failures_go() -> None:
    await enqueue("fail")
    await work(fail)
    now = datetime.now(UTC)
    assert await forget_failed_jobs(before=now - timedelta(days=1)) == 0
    assert await forget_failed_jobs("load_test") == 0
    assert await forget_failed_jobs("system") == 1
    assert await failed_jobs() == []


async def test_a_task_is_tried_again_after_a_pause() -> None:
    job = await enqueue("unsteady", 2)
    await work(unsteady)
    assert calls == [1, 2, 3]
    assert await job.result(timeout=1) == "done at last"
    state = await read_queue(SYSTEM)
    assert (state.done, state.failed, state.repeated) == (1, 0, 2)


async def test_after_the_last_try_the_reason_is_that_of_the_task() -> None:
    await enqueue("unsteady", 9)
    await work(unsteady)
    assert calls == [1, 2, 3]
    [found] = await failed_jobs()
    assert found.error == "UnavailableError: the other side sleeps"
    assert found.tries == 3


async def test_who_asks_for_too_many_tries_fails() -> None:
    async def stubborn(ctx: dict[str, Any]) -> None:
        raise Retry

    await enqueue("stubborn")
    await work(func(stubborn, name="stubborn"))
    [found] = await failed_jobs()
    assert found.error == "max 3 retries exceeded"
    assert found.function == "stubborn"


async def test_what_takes_too_long_fails() -> None:
    async def slow(ctx: dict[str, Any]) -> None:
        await asyncio.sleep(60)

    await enqueue("slow")
    await work(func(slow, name="slow", timeout=0.05))
    [found] = await failed_jobs()
    assert found.error.startswith("TimeoutError")


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
async def test_a_task_that_ends_the_process_has_failed_and_the_others_go_on(
    error: BaseException,
) -> None:
    async def leave(ctx: dict[str, Any]) -> None:
        raise error

    waiting = asyncio.Event()

    async def wait(ctx: dict[str, Any]) -> None:
        calls.append(ctx["job_try"])
        await waiting.wait()

    await enqueue("wait")
    async with working(func(leave, name="leave"), func(wait, name="wait")):
        await until(lambda: calls == [1])
        await enqueue("leave")
        await until_failure_of("leave")
        waiting.set()
    assert calls == [1]
    [found] = await failed_jobs()
    assert type(error).__name__ in found.error
    assert (await read_queue(SYSTEM)).done == 1


async def test_a_function_that_nobody_knows_fails_and_waits_for_the_next_version() -> None:
    await enqueue("note", 7)
    await work(fail)
    [found] = await failed_jobs()
    assert found.error == "function 'note' not found"
    await retry_failed_job(found)
    await work(note)
    assert calls == [(7,)]


async def test_a_job_with_an_id_is_in_the_queue_once() -> None:
    assert await enqueue("note", _job_id="one") is not None
    assert await enqueue("note", _job_id="one") is None
    await work(note)
    assert len(calls) == 1


async def test_an_id_whose_job_is_done_can_be_used_again(caplog: pytest.LogCaptureFixture) -> None:
    await enqueue("note", _job_id="one")
    with caplog.at_level(logging.INFO):
        assert await enqueue("note", _job_id="one", _again=True) is None
        await work(note)
        assert await enqueue("note", _job_id="one") is None
    refused = [vars(r)["values"] for r in caplog.records if r.getMessage() == "job_not_enqueued"]
    reasons = [values["reason"] for values in refused]
    assert reasons[0] == "it waits or runs"
    assert reasons[1].startswith("it is done, and its result is kept")
    assert await enqueue("note", _job_id="one", _again=True) is not None
    await work(note)
    assert len(calls) == 2


async def test_an_unknown_queue_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match="system, load_test"):
        await get_queue_pool("nothing")


async def test_what_a_stop_cuts_off_runs_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.components.worker import worker as module

    change_settings(monkeypatch, module, WORKER_STOP_SECONDS=0.05)

    async def long(ctx: dict[str, Any]) -> None:
        calls.append(ctx["job_try"])
        if ctx["job_try"] == 1:
            await asyncio.sleep(60)

    await enqueue("long")
    async with working(func(long, name="long")):
        await until(lambda: calls == [1])
    state = await read_queue(SYSTEM)
    assert (state.waiting, state.failed) == (1, 0)
    await work(func(long, name="long"))
    assert calls == [1, 2]
    state = await read_queue(SYSTEM)
    assert (state.done, state.repeated) == (1, 1)


async def test_a_stop_lets_jobs_end() -> None:
    begun = asyncio.Event()

    async def short(ctx: dict[str, Any]) -> None:
        begun.set()
        await asyncio.sleep(0.2)
        calls.append("ended")

    await enqueue("short")
    async with working(func(short, name="short")):
        await begun.wait()
    assert calls == ["ended"]
    assert (await read_queue(SYSTEM)).done == 1


async def test_an_answer_that_gets_lost_is_no_second_end(monkeypatch: pytest.MonkeyPatch) -> None:
    execute, lost = Pipeline._execute_transaction, []

    async def lose_the_answer(self: Pipeline, connection: Any, commands: Any, *args: Any) -> Any:
        was_watching = self.watching
        answer = await execute(self, connection, commands, *args)
        words = sorted({command[0] for command, _ in commands})
        if {"ZREM", "ZADD", "HINCRBY"} & set(words) and words not in lost:
            lost.append(words)
            self.watching = was_watching
            raise NoConnectionError
        return answer

    await enqueue("note", _job_id="good")
    await enqueue("fail", _job_id="bad")
    await enqueue("unsteady", 1, _job_id="unsteady")
    beat_often(monkeypatch)
    monkeypatch.setattr(Pipeline, "_execute_transaction", lose_the_answer)
    await work(note, fail, unsteady)
    # The end of a job, the record of a failure, and the totals.
    assert len(lost) >= 3
    state = await read_queue(SYSTEM)
    assert (state.done, state.failed, state.repeated) == (2, 1, 1)
    assert len(await failed_jobs()) == 1


async def test_the_end_of_a_job_waits_for_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    look_at, bad = ConnectionPool.ensure_connection, 0

    async def find_it_bad(self: ConnectionPool, connection: Any) -> None:
        nonlocal bad
        if bad:
            bad -= 1
            raise NoConnectionError("it was closed while nobody used it")
        await look_at(self, connection)

    async def break_all(ctx: dict[str, Any]) -> None:
        nonlocal bad
        calls.append("done")
        bad = 5

    monkeypatch.setattr(ConnectionPool, "ensure_connection", find_it_bad)
    await enqueue("break_all")
    async with working(func(break_all, name="break_all")):
        await until(lambda: calls == ["done"] and not bad)
    state = await read_queue(SYSTEM)
    assert (state.done, state.waiting) == (1, 0)


async def test_more_jobs_than_there_is_room_for_are_all_done() -> None:
    for number in range(300):
        await enqueue("note", number)
    await work(note, max_jobs=7, poll_delay=0.02)
    assert sorted(calls) == [(number,) for number in range(300)]


async def test_jobs_behind_those_that_run_elsewhere_are_found(redis_client: Redis) -> None:
    for number in range(150):
        await enqueue("note", number, _job_id=str(number))
    for number in range(140):
        await redis_client.set(f"arq:in-progress:{number}", "another worker")
    async with working(note, max_jobs=5, queue_read_limit=100):
        await until(lambda: len(calls) == 10)
    assert sorted(calls) == [(number,) for number in range(140, 150)]


async def test_what_a_worker_runs_it_does_not_begin_again(redis_client: Redis) -> None:
    waiting = asyncio.Event()

    async def wait(ctx: dict[str, Any]) -> None:
        calls.append("begun")
        await waiting.wait()

    await enqueue("wait", _job_id="one")
    async with working(func(wait, name="wait"), note):
        await until(lambda: calls == ["begun"])
        # As after Redis was away for longer than a killed worker is waited for.
        await redis_client.delete("arq:in-progress:one")
        await enqueue("note", "behind it")
        await until(lambda: len(calls) > 1)
        waiting.set()
    assert calls == ["begun", ("behind it",)]
    assert (await read_queue(SYSTEM)).done == 2


async def test_what_a_job_logs_has_its_id(caplog: pytest.LogCaptureFixture) -> None:
    lines: list[dict[str, Any]] = []

    async def talk(ctx: dict[str, Any]) -> None:
        with caplog.at_level(logging.INFO):
            get_logger("tests").info("said")
            [record] = [r for r in caplog.records if r.getMessage() == "said"]
            lines.append(json.loads(StructuredFormatter("json").format(record)))

    await enqueue("talk", _job_id="one")
    await work(func(talk, name="talk"))
    assert lines[0]["job_id"] == "one"


async def test_a_job_logs_the_id_of_the_request_that_has_enqueued_it() -> None:
    seen: dict[str, str | None] = {}

    async def look(ctx: dict[str, Any], name: str) -> None:
        seen[name] = request_id.get()
        if name == "first":
            await enqueue("look", "second")

    token = request_id.set("from-a-request")
    await enqueue("look", "first")
    request_id.reset(token)
    await enqueue("look", "other")
    await work(func(look, name="look"))
    assert seen == {"first": "from-a-request", "second": "from-a-request", "other": None}
    assert request_id.get() is None


async def test_a_job_is_part_of_the_trace_in_which_it_was_enqueued() -> None:
    seen: list[str | None] = []

    async def look(ctx: dict[str, Any]) -> None:
        seen.append(trace_parent.get())

    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    token = trace_parent.set(trace)
    await enqueue("look")
    trace_parent.reset(token)
    await enqueue("look")
    await work(func(look, name="look"))
    assert sorted(seen, key=str) == [trace, None]


async def test_components_see_what_becomes_of_jobs(
    seen_jobs: list[tuple[str, str, Outcome]],
) -> None:
    async def come_again(ctx: dict[str, Any]) -> None:
        if ctx["job_try"] == 1:
            raise Retry(0)

    await enqueue("note")
    await enqueue("fail")
    await enqueue("come_again")
    await work(note, fail, func(come_again, name="come_again"))
    assert sorted(seen_jobs) == [
        ("system", "come_again", "again"),
        ("system", "come_again", "done"),
        ("system", "fail", "failed"),
        ("system", "note", "done"),
    ]


async def test_a_worker_leaves_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    beat_often(monkeypatch)
    waiting = asyncio.Event()

    async def wait(ctx: dict[str, Any]) -> None:
        await waiting.wait()

    async with working(func(wait, name="wait")) as worker:
        await enqueue("wait", _job_id="one")
        state = await until_sign_of("one")
        [info] = state.workers
        assert info.id == worker.id
        assert [(job.id, job.function) for job in info.jobs] == [("one", "wait")]
        assert (state.running, state.waiting) == (1, 0)
        waiting.set()
    assert (await read_queue(SYSTEM)).workers == []

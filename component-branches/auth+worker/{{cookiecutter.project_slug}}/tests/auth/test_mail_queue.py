"""Mails go through the queue: each one once, as far as it is for us to say."""

import asyncio
import inspect
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from arq import func
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NoConnectionError

from app.components.worker.retrying import retry_on
from app.components.worker.tasks.send_mail import send_mail
from app.core.db import Database
from app.core.errors import UnavailableError
from app.core.redis import make_client, use_redis
from app.services.mail import Mail, outbox, post, queue
from app.services.mail.mailers import SmtpMailer
from app.services.queues import failed_jobs, retry_failed_job
from app.services.queues.pool import queue_connections
from app.services.queues.records import read_queue
from tests.auth.support import API, PASSWORD
from tests.auth.test_mail import Server, server
from tests.cache.test_redis import nobody
from tests.worker.support import SYSTEM, work

__all__ = ["server"]

MAIL = Mail("ada@example.com", "Hello", "A link:\n\nhttp://localhost/#secret\n")
QUICK = func(retry_on(UnavailableError, first=0.01)(inspect.unwrap(send_mail)), name="send_mail")


@pytest.fixture(autouse=True)
async def redis(redis_server_url: str) -> AsyncIterator[Redis]:
    """A Redis that workers see."""
    async with use_redis(make_client(redis_server_url)) as client, queue_connections():
        await client.flushdb()
        yield client


@pytest.fixture
def mails(server: tuple[Server, str], monkeypatch: pytest.MonkeyPatch) -> Server:
    """The mail server to which all mails go."""
    handler, url = server
    monkeypatch.setattr(outbox, "mailer", SmtpMailer(url, "no-reply@example.com"))
    return handler


async def send(mail: Mail) -> None:
    """Post a mail, and wait until this process has done its part."""
    post(mail)
    await outbox.settle(90)


async def everything_in(redis: Redis) -> str:
    """All that Redis holds, texts that wait aside."""
    found = []
    for key in map(str, await redis.keys()):
        if not key.startswith("mail:"):
            kind = await redis.type(key)
            read: Any = {"string": redis.get, "zset": lambda k: redis.zrange(k, 0, -1)}
            found += [key, str(await read.get(kind, redis.hgetall)(key))]
    return "\n".join(found)


async def test_a_worker_sends_it_and_then_nothing_is_left_of_it(
    mails: Server, redis: Redis
) -> None:
    await send(MAIL)
    assert mails.mails == []
    assert "secret" not in await everything_in(redis)
    assert 0 < await redis.ttl(queue.key_of(MAIL.id)) <= queue.KEPT_SECONDS
    await work(QUICK)
    [mail] = mails.mails
    assert mail["Message-ID"] == f"<{MAIL.id}@localhost>"
    assert "http://localhost/#secret" in str(mail.get_payload())
    assert not await redis.exists(queue.key_of(MAIL.id))


async def test_a_mail_that_is_handed_over_again_is_sent_once(mails: Server) -> None:
    await send(MAIL)
    await queue.enqueue(MAIL.id)
    await work(QUICK)
    await queue.enqueue(MAIL.id)
    await work(QUICK)
    assert len(mails.mails) == 1


async def test_an_answer_that_gets_lost_makes_no_second_mail(
    mails: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, calls = queue.enqueue, []

    async def lose_the_first_answer(mail_id: str) -> None:
        await put(mail_id)
        calls.append(mail_id)
        if len(calls) == 1:
            raise NoConnectionError

    monkeypatch.setattr(queue, "enqueue", lose_the_first_answer)
    await send(MAIL)
    await work(QUICK)
    assert (len(calls), len(mails.mails)) == (2, 1)


async def test_a_job_that_runs_again_finds_nothing_to_send(mails: Server) -> None:
    await send(MAIL)
    await queue.send_waiting(MAIL.id)
    # As after the end of a worker that had no time to tell.
    await work(QUICK)
    assert len(mails.mails) == 1
    assert (await read_queue(SYSTEM)).failed == 0


async def test_a_server_that_has_no_time_is_asked_again(mails: Server) -> None:
    mails.answers = ["451 later", "421 much later"]
    await send(MAIL)
    await work(QUICK)
    assert len(mails.mails) == 1
    state = await read_queue(SYSTEM)
    assert (state.done, state.failed, state.repeated) == (1, 0, 2)


async def test_what_is_refused_is_kept_without_what_is_in_it(mails: Server, redis: Redis) -> None:
    mails.answers = ["550 no"]
    await send(MAIL)
    await work(QUICK)
    [failed] = await failed_jobs()
    assert (failed.args, failed.tries) == ([MAIL.id], 1)
    assert failed.error == "MailNotSentError: the server answered 550"
    found = await everything_in(redis)
    assert "secret" not in found
    assert "ada@example.com" not in found
    await retry_failed_job(failed)
    await work(QUICK)
    assert len(mails.mails) == 1


async def test_without_a_queue_it_leaves_from_here(mails: Server) -> None:
    async with use_redis(make_client(nobody())):
        await send(MAIL)
    assert len(mails.mails) == 1


async def test_a_queue_that_goes_in_between_gets_the_mail_or_nobody_does(
    mails: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(mail_id: str) -> None:
        raise NoConnectionError

    monkeypatch.setattr(queue, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(queue, "enqueue", fail)
    await send(MAIL)
    assert mails.mails == []
    assert "mail_not_sent" in caplog.messages


@pytest.mark.parametrize("is_away", [False, True])
async def test_the_answer_is_the_same_and_no_log_has_the_secret(
    app: FastAPI,
    database: Database,
    mails: Server,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    is_away: bool,
    redis_server_url: str,
) -> None:
    body = {"email": "ada@example.com", "password": PASSWORD}
    transport = ASGITransport(app)
    with caplog.at_level(logging.INFO):
        async with (
            use_redis(make_client(nobody() if is_away else redis_server_url)),
            AsyncClient(transport=transport, base_url="http://testserver") as client,
        ):
            response = await client.post(f"{API}/register", json=body)
            await outbox.settle(90)
        if not is_away:
            await work(QUICK)
    assert response.status_code == 202
    [mail] = mails.mails
    [secret] = re.findall(r"#([\w-]+)", str(mail.get_payload(decode=True)))
    assert secret not in caplog.text + "".join(capfd.readouterr())


async def test_many_at_once_arrive_once_each(mails: Server) -> None:
    sent = [Mail("ada@example.com", f"Number {number}", "") for number in range(50)]
    for mail in sent:
        post(mail)
    await outbox.settle(90)
    await asyncio.gather(work(QUICK), work(QUICK))
    assert sorted(m["Subject"] for m in mails.mails) == sorted(m.subject for m in sent)

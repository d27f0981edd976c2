"""The commands, on a Redis that they share with workers."""

import asyncio
import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli.commands import build_cli
from app.components.worker.process import work_off
from app.core import redis as redis_module
from app.core import redis_url
from app.core.config import settings
from app.core.errors import NotFoundError

runner = CliRunner()


def run(*words: str) -> Result:
    return runner.invoke(build_cli(), list(words))


@pytest.fixture
def shared_redis(monkeypatch: pytest.MonkeyPatch, redis_server_url: str) -> str:
    """A real server, which is empty."""
    changed = settings.model_copy(update={"REDIS_URL": redis_server_url})
    monkeypatch.setenv("REDIS_URL", redis_server_url)
    monkeypatch.setattr(redis_url, "settings", changed)

    async def empty() -> None:
        async with redis_module.use_redis(redis_module.make_client(redis_server_url)) as client:
            await client.flushdb()

    asyncio.run(empty())
    return redis_server_url


def work() -> None:
    """Do what is in the queue `system`."""

    async def do() -> None:
        async with redis_module.use_redis(redis_module.make_client(redis_url.redis_url())):
            await work_off("system")

    asyncio.run(do())


def queue_figures() -> dict[str, Any]:
    found = json.loads(run("worker", "queues", "--json").stdout)
    return {queue["name"]: queue for queue in found}["system"]


@pytest.mark.usefixtures("shared_redis")
def test_from_enqueueing_to_putting_back() -> None:
    result = run("worker", "enqueue", "system", "report_health", "one too many")
    assert result.exit_code == 0
    job = result.stdout.strip()
    assert queue_figures()["waiting"] == 1
    work()
    assert queue_figures()["failed"] == 1
    listed = run("worker", "failed", "--queue", "system")
    assert job in listed.stdout
    assert "TypeError" in listed.stdout
    assert json.loads(run("worker", "failed", "--json").stdout)[0]["id"] == job
    assert "Put 1 job back" in run("worker", "retry", job).stdout
    assert queue_figures()["waiting"] == 1
    assert "No job has failed" in run("worker", "failed").stdout
    work()
    assert "Put 1 job back" in run("worker", "retry", "--all").stdout
    work()
    assert "Forgot 1" in run("worker", "forget").stdout
    assert "system" in run("worker", "queues").stdout


@pytest.mark.usefixtures("shared_redis")
def test_what_does_not_exist_is_refused() -> None:
    assert isinstance(run("worker", "retry", "nothing").exception, NotFoundError)
    assert isinstance(run("worker", "failed", "-q", "nothing").exception, NotFoundError)
    assert run("worker", "retry").exit_code == 2
    unknown = run("worker", "enqueue", "system", "nothing")
    assert unknown.exit_code == 2
    assert "report_health" in unknown.output


@pytest.mark.usefixtures("shared_redis")
def test_the_status_fails_without_a_worker() -> None:
    result = run("worker", "status", "system", "--here")
    assert result.exit_code == 1
    assert "No worker is running" in result.output


def test_arguments_are_not_shown_with_their_secrets() -> None:
    from datetime import UTC, datetime

    from app.cli.worker import visible
    from app.services.queues import FailedJob

    now = datetime.now(UTC)
    job = FailedJob(
        id="1",
        queue="system",
        function="f",
        args=["password=hunter2"],
        kwargs={"api_key": "hunter2"},
        tries=1,
        error="",
        traceback="",
        enqueued_at=now,
        failed_at=now,
    )
    assert "hunter2" not in json.dumps(visible(job))


def test_where_redis_is_embedded_the_commands_say_where_to_look() -> None:
    result = run("worker", "queues")
    assert result.exit_code == 1
    assert "health --detailed" in result.output


@pytest.mark.usefixtures("shared_redis")
def test_a_load_test_that_is_too_large_is_refused() -> None:
    result = run("load-test", "run", "--jobs", "1000000")
    assert result.exit_code == 2
    assert "jobs" in result.output


def test_a_load_test_without_a_server_runs_where_it_is() -> None:
    result = run("load-test", "run", "--jobs", "20", "--duration-ms", "1", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["done"], report["failed"], report["is_finished"]) == (20, 0, True)

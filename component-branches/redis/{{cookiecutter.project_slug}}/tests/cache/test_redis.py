"""The client, the cache, sessions and health."""

import asyncio
import atexit
import socket
from collections.abc import Callable
from functools import cache

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel
from redis.asyncio import Redis
from redis.exceptions import TimeoutError as NoAnswerError
from typer.testing import CliRunner

from app.cli.commands import build_cli
from app.core import redis as module
from app.core import redis_url
from app.core.config import Settings
from app.core.config import settings as settings_in_force
from app.core.errors import ConfigurationError, UnavailableError
from app.services.cache import cached, clear, forget
from app.services.redis_health import check_redis, find_trouble
from app.services.sessions import create_session, end_session, read_session
from app.services.system import State

MakeSettings = Callable[..., Settings]


class Price(BaseModel):
    """Something to keep."""

    amount: float


calls: list[str] = []


@cached(ttl=60)
async def read_price(item: str, *, currency: str = "EUR") -> Price:
    calls.append(f"{item} {currency}")
    return Price(amount=len(calls))


@pytest.fixture(autouse=True)
def no_calls() -> None:
    calls.clear()


@cache
def deaf() -> socket.socket:
    """Has a port as long as the tests run, and listens to nobody: connections are refused."""
    found = socket.socket()
    found.bind(("127.0.0.1", 0))
    atexit.register(found.close)
    return found


def nobody() -> str:
    """The URL of a port where nobody listens, and nobody else will."""
    return f"redis://:hunter2@127.0.0.1:{deaf().getsockname()[1]}/0"


def use_settings(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Let Redis be where these settings say."""
    monkeypatch.setattr(module, "settings", settings)
    monkeypatch.setattr(redis_url, "settings", settings)


async def test_a_result_is_kept_for_each_set_of_arguments(redis_client: Redis) -> None:
    assert await read_price("lamp") == Price(amount=1)
    assert await read_price("lamp") == Price(amount=1)
    assert await read_price("lamp", currency="USD") == Price(amount=2)
    assert calls == ["lamp EUR", "lamp USD"]
    [key, _] = sorted(await redis_client.keys("cache:*"))
    assert 0 < await redis_client.ttl(key) <= 60


async def test_results_can_be_forgotten(redis_client: Redis) -> None:
    await read_price("lamp")
    await redis_client.set("mine", "stays")
    assert await forget(read_price) == 1
    assert await read_price("lamp") == Price(amount=2)
    assert await clear() == 1
    assert await redis_client.keys() == ["mine"]


async def test_an_entry_of_an_older_version_is_made_anew(redis_client: Redis) -> None:
    await read_price("lamp")
    [key] = await redis_client.keys("cache:*")
    await redis_client.set(key, '{"cost": 1}')
    assert await read_price("lamp") == Price(amount=2)


async def test_without_redis_the_function_is_called() -> None:
    async with module.use_redis(Redis.from_url(nobody(), socket_connect_timeout=1)):
        assert await read_price("lamp") == Price(amount=1)
        assert await read_price("lamp") == Price(amount=2)


async def test_a_server_that_says_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch, settings: MakeSettings
) -> None:
    """One that hangs, or a proxy in front of one that is gone: it takes connections, and that is all."""
    use_settings(monkeypatch, settings(REDIS_TIMEOUT_SECONDS="0.1"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        async with asyncio.timeout(20), module.use_redis(module.make_client(url)) as client:
            with pytest.raises(NoAnswerError):
                await client.ping()


async def test_a_session_lives_until_it_is_ended(redis_client: Redis) -> None:
    token = await create_session({"user": 7}, ttl=100)
    assert await read_session(token) == {"user": 7}
    assert await read_session(token, extend=5000) == {"user": 7}
    [key] = await redis_client.keys("session:*")
    assert token not in str(key)
    assert await redis_client.ttl(key) > 100
    assert await end_session(token)
    assert not await end_session(token)
    assert await read_session(token) is None


async def test_callers_who_miss_together_share_one_call(redis_client: Redis) -> None:
    prices = await asyncio.gather(*(read_price("lamp") for _ in range(20)))
    assert calls == ["lamp EUR"]
    assert prices == [Price(amount=1)] * 20


async def test_an_error_is_not_kept(redis_client: Redis) -> None:
    @cached(ttl=60)
    async def fail_once() -> int:
        calls.append("fail")
        if len(calls) == 1:
            raise ValueError("no")
        return len(calls)

    with pytest.raises(ValueError, match="no"):
        await fail_once()
    assert await fail_once() == 2


def test_a_request_that_needs_redis_is_told_that_it_is_gone(app: FastAPI) -> None:
    @app.get("/needs-redis")
    async def needs_redis() -> None:
        async with Redis.from_url(nobody()) as client:
            await client.ping()

    with TestClient(app) as client:
        answer = client.get("/needs-redis")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "Redis does not answer. Try again in a moment."
    assert int(answer.headers["Retry-After"]) > 0


async def test_commands_wait_for_a_connection(redis_client: Redis) -> None:
    count = settings_in_force.REDIS_POOL_SIZE * 3

    async def add_one() -> None:
        await redis_client.execute_command("INCR", "n")

    await asyncio.gather(*(add_one() for _ in range(count)))
    assert await redis_client.get("n") == str(count)


async def test_a_library_can_have_connections_of_its_own(redis_client: Redis) -> None:
    await redis_client.set("word", "here")
    async with Redis.from_pool(module.make_pool(decode_responses=False)) as other:
        assert await other.get("word") == b"here"


async def test_health_has_figures(redis_client: Redis) -> None:
    await redis_client.set("one", 1)
    result = await check_redis()
    assert result.state is State.HEALTHY
    assert result.details["keys"] == 1
    assert isinstance(result.details["latency_ms"], float)
    if module.is_embedded():
        assert "Embedded" in result.message
    else:
        assert result.details["clients"]
        assert result.details["memory_bytes"]


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({}, []),
        ({"maxmemory": 1000}, ["Its memory is over 90 % full"]),
        ({"maxmemory": 1000, "maxmemory_policy": "allkeys-lru"}, []),
        ({"aof_last_write_status": "err"}, ["It cannot write its log to the disk"]),
        ({"rdb_last_bgsave_status": "err"}, ["It could not save to the disk"]),
    ],
)
def test_health_tells_what_redis_says(info: dict[str, object], expected: list[str]) -> None:
    usual = {"used_memory": 950, "maxmemory": 0, "maxmemory_policy": "noeviction"}
    assert find_trouble(usual | info) == expected


async def test_development_goes_on_without_redis(
    monkeypatch: pytest.MonkeyPatch, settings: MakeSettings
) -> None:
    use_settings(monkeypatch, settings(REDIS_URL=nobody()))
    async with module.redis_lifespan():
        assert module.is_embedded()
        assert await module.redis_client().ping()


async def test_a_redis_elsewhere_is_not_replaced(
    monkeypatch: pytest.MonkeyPatch, settings: MakeSettings
) -> None:
    """Somebody means that one: in containers, the one whose jobs the workers see."""
    url = nobody().replace("127.0.0.1", "127.0.0.2")
    use_settings(monkeypatch, settings(REDIS_URL=url))
    with pytest.raises(UnavailableError, match="no Redis answers"):
        await module.connect()
    assert not redis_url.is_in_process()


async def test_production_refuses_to_start_and_says_why(
    monkeypatch: pytest.MonkeyPatch, settings: MakeSettings
) -> None:
    url = nobody()
    use_settings(monkeypatch, settings(REDIS_URL=url, APP_ENV="production"))
    with pytest.raises(UnavailableError, match="no Redis answers") as error:
        await module.connect()
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(("command", "expected"), [("status", "Embedded"), ("clear-cache", "0")])
def test_commands(command: str, expected: str) -> None:
    result = CliRunner().invoke(build_cli(), ["redis", command])
    assert result.exit_code == 0
    assert expected in result.output


@pytest.mark.parametrize("command", ["status", "clear-cache"])
def test_commands_fail_without_redis(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(url: str) -> Redis:
        return Redis.from_url(nobody(), socket_connect_timeout=1)

    monkeypatch.setattr(module, "make_client", make)
    result = CliRunner().invoke(build_cli(), ["redis", command])
    assert result.exit_code == 1
    assert "No Redis answers" in result.output


async def test_production_refuses_a_redis_that_forgets(
    monkeypatch: pytest.MonkeyPatch, settings: MakeSettings
) -> None:
    found = settings(REDIS_URL="memory://", APP_ENV="production")
    use_settings(monkeypatch, found)
    with pytest.raises(ConfigurationError, match="REDIS_URL: memory:// is for development"):
        await module.connect()
    assert any("REDIS_URL" in warning for warning in found.warnings())


def test_several_web_processes_with_a_redis_each_are_warned_of(settings: MakeSettings) -> None:
    name = "a Redis of its own"
    assert name in " ".join(settings(REDIS_URL="memory://", WEB_WORKERS="3").warnings())
    assert name not in " ".join(settings(REDIS_URL="memory://").warnings())
    assert name not in " ".join(settings(WEB_WORKERS="3").warnings())


def test_a_url_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "localhost:6379")
    with pytest.raises(ValueError, match="REDIS_URL"):
        Settings(_env_file=None)

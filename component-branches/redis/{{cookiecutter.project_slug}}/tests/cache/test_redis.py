"""The client, the cache, sessions and health."""

import socket
from collections.abc import Callable

import pytest
from pydantic import BaseModel
from redis.asyncio import Redis
from typer.testing import CliRunner

from app.cli.commands import build_cli
from app.core import redis as module
from app.core.config import Settings
from app.core.errors import ConfigurationError
from app.services.cache import cached, clear, forget
from app.services.redis_health import check_redis
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


def nobody() -> str:
    """The URL of a port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"redis://:hunter2@127.0.0.1:{free.getsockname()[1]}/0"


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


async def test_a_session_lives_until_it_is_ended(redis_client: Redis) -> None:
    token = await create_session({"user": 7}, ttl=100)
    assert await read_session(token) == {"user": 7}
    assert await read_session(token, extend=5000) == {"user": 7}
    [key] = await redis_client.keys("session:*")
    assert token not in key
    assert await redis_client.ttl(key) > 100
    assert await end_session(token)
    assert not await end_session(token)
    assert await read_session(token) is None


async def test_health_says_that_it_is_embedded(redis_client: Redis) -> None:
    result = await check_redis()
    assert result.state is State.HEALTHY
    assert "Embedded" in result.message


async def test_development_goes_on_without_redis(
    monkeypatch: pytest.MonkeyPatch, settings: MakeSettings
) -> None:
    monkeypatch.setattr(module, "settings", settings(REDIS_URL=nobody()))
    async with module.redis_lifespan():
        assert module.is_embedded()
        assert await module.redis_client().ping()


async def test_production_refuses_to_start_and_says_why(
    monkeypatch: pytest.MonkeyPatch, settings: MakeSettings
) -> None:
    url = nobody()
    monkeypatch.setattr(module, "settings", settings(REDIS_URL=url, APP_ENV="production"))
    with pytest.raises(ConfigurationError, match="no Redis answers") as error:
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


def test_a_url_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "localhost:6379")
    with pytest.raises(ValueError, match="REDIS_URL"):
        Settings(_env_file=None)

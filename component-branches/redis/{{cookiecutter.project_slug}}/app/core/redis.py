"""Redis: one client for each process, with a pool that repairs itself.

    await redis_client().set("greeting", "hello", ex=60)

During development a Redis of this machine that does not answer is replaced by one in this process: it forgets
all when the process ends, and other processes do not see it. Production refuses to start instead, and so does
development where `REDIS_URL` names another host, as in containers.
"""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import BlockingConnectionPool, ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoAnswerError

from app.core.config import settings
from app.core.errors import ConfigurationError, UnavailableError
from app.core.logging import get_logger
from app.core.redaction import redact
from app.core.redis_url import EMBEDDED_URL, embed, names_another_host, redis_url

log = get_logger(__name__)

MANY = 10_000
"""Where redis-py would set a limit of its own, after which commands fail."""

_current: list[Redis] = []


def make_client(url: str) -> Redis:
    """A client. A lost connection is opened again, and a command is sent again at most three times.

    When all connections are in use, a command waits for one instead of failing. redis-py's own check of
    connections is left out: it connects where it fails, which begins with that check, and so on without an end.
    """
    if url == EMBEDDED_URL:
        from fakeredis import FakeAsyncRedis

        return FakeAsyncRedis(decode_responses=True, max_connections=MANY)
    pool: BlockingConnectionPool = BlockingConnectionPool.from_url(
        url,
        decode_responses=True,
        max_connections=settings.REDIS_POOL_SIZE,
        timeout=settings.REDIS_TIMEOUT_SECONDS,
        socket_timeout=settings.REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=settings.REDIS_TIMEOUT_SECONDS,
        retry=Retry(ExponentialBackoff(cap=1, base=0.05), retries=3),
        retry_on_error=[NoConnectionError, NoAnswerError],
        **({} if url.startswith("unix:") else keepalive()),
    )
    return Redis.from_pool(pool)


def keepalive() -> dict[str, Any]:
    """Let the operating system find out within half a minute that the other side is gone without a word."""
    wanted = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}
    options = {
        getattr(socket, name): value for name, value in wanted.items() if hasattr(socket, name)
    }
    return {"socket_keepalive": True, "socket_keepalive_options": options}


def redis_client() -> Redis:
    """The client of this process."""
    if not _current:
        _current.append(make_client(redis_url()))
    return _current[-1]


def make_pool(pool_class: type[ConnectionPool] = ConnectionPool, **options: Any) -> ConnectionPool:
    """Connections to the same Redis, for a library that wants some of its own."""
    pool = redis_client().connection_pool
    kind: Any = pool.connection_class
    return pool_class(kind, max_connections=MANY, **{**pool.connection_kwargs, **options})


def is_embedded() -> bool:
    """Whether Redis is in this process."""
    return type(redis_client()).__module__.startswith("fakeredis")


@asynccontextmanager
async def use_redis(client: Redis) -> AsyncGenerator[Redis]:
    """Use another client as long as the block runs, and close it."""
    _current.append(client)
    try:
        yield client
    finally:
        _current.remove(client)
        await client.aclose()


@asynccontextmanager
async def redis_lifespan() -> AsyncGenerator[None]:
    """Connect as long as a process runs.

    Raises:
        ConfigurationError: Redis is embedded in production.
        UnavailableError: It does not answer, in production or on another host.
    """
    if _current:  # a test has brought one
        yield
        return
    async with use_redis(await connect()):
        yield


async def connect() -> Redis:
    """A client that answers."""
    url = redis_url()
    if settings.is_production and url == EMBEDDED_URL:
        problem = "memory:// is for development: each process would have a Redis of its own"
        raise ConfigurationError([f"REDIS_URL: {problem}, and forget what is in it"])
    client = make_client(url)
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        await client.aclose()
        place = redact(settings.REDIS_URL)
        if settings.is_production or names_another_host():
            problem = f"REDIS_URL: no Redis answers at {place} ({type(error).__name__})"
            raise UnavailableError(problem) from error
        log.warning("redis_is_embedded", reason=f"no Redis answers at {place}")
        embed()
        return make_client(EMBEDDED_URL)
    return client

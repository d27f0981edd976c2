"""Redis: one client for each process, with a pool that repairs itself.

    await redis_client().set("greeting", "hello", ex=60)

During development a Redis that does not answer is replaced by one in this process: it forgets all when
the process ends, and other processes do not see it. Production refuses to start instead.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoAnswerError

from app.core.config import settings
from app.core.errors import ConfigurationError
from app.core.logging import get_logger
from app.core.redaction import redact

log = get_logger(__name__)

EMBEDDED_URL = "memory://"

_current: list[Redis] = []


def make_client(url: str) -> Redis:
    """A client. A lost connection is opened again, and a command is sent again at most three times."""
    if url == EMBEDDED_URL:
        from fakeredis import FakeAsyncRedis

        return FakeAsyncRedis(decode_responses=True)
    client: Redis = Redis.from_url(
        url,
        decode_responses=True,
        max_connections=settings.REDIS_POOL_SIZE,
        socket_timeout=settings.REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=settings.REDIS_TIMEOUT_SECONDS,
        health_check_interval=30,
        retry=Retry(ExponentialBackoff(cap=1, base=0.05), retries=3),
        retry_on_error=[NoConnectionError, NoAnswerError],
    )
    return client


def redis_client() -> Redis:
    """The client of this process."""
    if not _current:
        _current.append(make_client(settings.REDIS_URL))
    return _current[-1]


def is_embedded() -> bool:
    """Whether Redis is in this process."""
    return bool(_current) and type(_current[-1]).__module__.startswith("fakeredis")


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
        ConfigurationError: Redis does not answer in production.
    """
    if _current:  # a test has brought one
        yield
        return
    async with use_redis(await connect()):
        yield


async def connect() -> Redis:
    """A client that answers."""
    client = make_client(settings.REDIS_URL)
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        await client.aclose()
        place = redact(settings.REDIS_URL)
        if settings.is_production:
            problem = f"REDIS_URL: no Redis answers at {place} ({type(error).__name__})"
            raise ConfigurationError([problem]) from error
        log.warning("redis_is_embedded", reason=f"no Redis answers at {place}")
        return make_client(EMBEDDED_URL)
    return client

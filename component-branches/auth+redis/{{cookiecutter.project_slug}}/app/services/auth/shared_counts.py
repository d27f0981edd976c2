"""Counts of tries that all processes share, in Redis.

While Redis is away, each process counts for itself. To refuse everybody would let whoever brings Redis
down lock all out; to let everybody pass would let them guess.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from limits.aio.storage import RedisStorage, Storage
from redis.exceptions import RedisError

from app.core.logging import get_logger
from app.core.redis import redis_client

log = get_logger(__name__)

PATIENCE_SECONDS = 2.0
"""How long a login waits for Redis."""
ASK_AGAIN_SECONDS = 5.0
PREFIX = "auth:tries"

T = TypeVar("T")


class SharedCounts(Storage):
    """Counts in Redis, or in the storage of this process."""

    def __init__(self, own: Storage) -> None:
        super().__init__()
        self.own = own
        self.shared = connect()
        self.asks_again_at: float | None = None

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What a lost Redis raises."""
        return (RedisError, OSError)

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count a try."""
        return await self._ask(lambda counts: counts.incr(digest(key), expiry, amount))

    async def get(self, key: str) -> int:
        """How many there were."""
        return await self._ask(lambda counts: counts.get(digest(key)))

    async def get_expiry(self, key: str) -> float:
        """When they are forgotten."""
        return await self._ask(lambda counts: counts.get_expiry(digest(key)))

    async def clear(self, key: str) -> None:
        """Forget them."""
        await self._ask(lambda counts: counts.clear(digest(key)))

    async def check(self) -> bool:
        """Whether Redis answers."""
        return await self.shared.check()

    async def reset(self) -> int | None:
        """Forget what this process has counted alone."""
        return await self.own.reset()

    async def _ask(self, ask: Callable[[Storage], Awaitable[T]]) -> T:
        now = time.monotonic()
        if self.asks_again_at is not None:
            if now < self.asks_again_at:
                return await ask(self.own)
            # One finds out for all whether it is back.
            self.asks_again_at = now + ASK_AGAIN_SECONDS
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await ask(self.shared)
        except self.base_exceptions as error:
            if self.asks_again_at is None:
                log.warning("auth_limits_not_shared", reason=type(error).__name__)
            self.asks_again_at = time.monotonic() + ASK_AGAIN_SECONDS
            return await ask(self.own)
        if self.asks_again_at is not None:
            log.info("auth_limits_shared_again")
            self.asks_again_at = None
        return found


def connect() -> RedisStorage:
    """Counts in the Redis of this process."""
    # The connections know where it is.
    options: dict[str, Any] = {"connection_pool": redis_client().connection_pool}
    return RedisStorage("async+redis://", implementation="redispy", key_prefix=PREFIX, **options)


def digest(key: str) -> str:
    """A key without the addresses in it."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()

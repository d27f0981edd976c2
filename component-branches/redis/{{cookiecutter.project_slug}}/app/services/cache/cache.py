"""The cache.

    @cached(ttl=60)
    async def read_prices(currency: str) -> dict[str, float]: ...

Without Redis the function is called each time: a cache that is gone makes things slower, not wrong.
Callers who miss the same entry at the same time share one call, so that an entry that ends under load
does not let all of them loose on what it protects.
"""

import asyncio
import functools
import hashlib
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from redis.exceptions import RedisError

from app.core.logging import get_logger
from app.core.redis import redis_client

log = get_logger(__name__)

PREFIX = "cache:"

P = ParamSpec("P")
T = TypeVar("T")
AsyncFunction = Callable[P, Awaitable[T]]


def cached(ttl: float, *, key: str = "") -> Callable[[AsyncFunction[P, T]], AsyncFunction[P, T]]:
    """Keep what an async function returns for `ttl` seconds, for each set of arguments.

    Arguments and result must be what Pydantic can write as JSON; the result's type is the annotation.
    """

    def decorate(function: AsyncFunction[P, T]) -> AsyncFunction[P, T]:
        name = key or name_of(function)
        adapter: list[TypeAdapter[T]] = []
        running: dict[str, asyncio.Task[T]] = {}

        async def produce(place: str, *args: P.args, **kwargs: P.kwargs) -> T:
            result = await function(*args, **kwargs)
            try:
                await redis_client().set(place, adapter[0].dump_json(result), px=int(ttl * 1000))
            except RedisError as error:
                log.warning("cache_is_gone", error=type(error).__name__)
            return result

        @functools.wraps(function)
        async def call(*args: P.args, **kwargs: P.kwargs) -> T:
            if not adapter:
                hints = inspect.get_annotations(function, eval_str=True)
                adapter.append(TypeAdapter(hints.get("return", Any)))
            place = entry_key(name, args, kwargs)
            try:
                found = await redis_client().get(place)
            except RedisError as error:
                log.warning("cache_is_gone", error=type(error).__name__)
                return await function(*args, **kwargs)
            if found is not None:
                try:
                    return adapter[0].validate_json(found)
                except ValidationError:
                    log.info("cache_entry_is_outdated", function=name)
            loop = asyncio.get_running_loop()
            task = running.get(place)
            if task is None or task.done() or task.get_loop() is not loop:
                task = running[place] = loop.create_task(produce(place, *args, **kwargs))
                task.add_done_callback(lambda done: forget_task(running, place, done))
            # Whoever gives up waiting must not cancel it for all others.
            return await asyncio.shield(task)

        return call

    return decorate


def forget_task(running: dict[str, asyncio.Task[T]], place: str, done: asyncio.Task[T]) -> None:
    """Take a call from the list that has ended; those who waited have its result, or its error."""
    if running.get(place) is done:
        del running[place]
    if not done.cancelled():
        # Nobody may have waited to the end.
        done.exception()


def name_of(function: Callable[..., Any]) -> str:
    """A function's place in the code."""
    return f"{function.__module__}.{getattr(function, '__qualname__', '')}"


def entry_key(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Where a result is: the function, and a digest of its arguments."""
    digest = hashlib.sha256(to_json([args, sorted(kwargs.items())])).hexdigest()[:32]
    return f"{PREFIX}{name}:{digest}"


async def forget(function: Callable[..., Any] | str) -> int:
    """Forget all results of a function, or of a key; return how many there were."""
    name = function if isinstance(function, str) else name_of(function)
    return await _delete(f"{PREFIX}{name}:*")


async def clear() -> int:
    """Forget everything that is cached, and nothing else that is in Redis."""
    return await _delete(f"{PREFIX}*")


async def _delete(pattern: str) -> int:
    client = redis_client()
    count = 0
    batch: list[str] = []
    async for key in client.scan_iter(match=pattern, count=500):
        batch.append(key)
        if len(batch) == 500:
            count += await client.unlink(*batch)
            batch.clear()
    if batch:
        count += await client.unlink(*batch)
    return count

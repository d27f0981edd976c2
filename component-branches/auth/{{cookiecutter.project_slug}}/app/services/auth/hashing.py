"""Hashes passwords beside the event loop, and lets only so many wait.

A hash takes a core for a while. So they have threads of their own, few of them, which leaves the rest
of the application responsive when somebody tries thousands of passwords.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache, partial
from threading import BoundedSemaphore
from typing import TypeVar

from app.core import security
from app.core.config import settings
from app.core.errors import UnavailableError

WAITING = 8
"""How many may wait for a thread."""
RETRY_SECONDS = 2

Result = TypeVar("Result")


class BusyError(UnavailableError):
    """Too many passwords at once."""

    def __init__(self) -> None:
        super().__init__(
            "Too many people sign in at this moment. Try again in a few seconds.",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )


class HashingPool:
    """Threads that do nothing else."""

    def __init__(self, threads: int, waiting: int = WAITING) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="hashing")
        self._places = BoundedSemaphore(threads + waiting)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do it in a thread.

        Raises:
            BusyError: Too many wait already.
        """
        if not self._places.acquire(blocking=False):
            raise BusyError
        future = self._executor.submit(work)
        # A client that hangs up gives no place back while a thread still works for it.
        future.add_done_callback(self._release)
        return await asyncio.wrap_future(future)

    def refuse_when_full(self) -> None:
        """Find out before anything is looked up that would be for nothing.

        Raises:
            BusyError: Too many wait already.
        """
        if not self._places.acquire(blocking=False):
            raise BusyError
        self._places.release()

    def _release(self, future: Future[Result]) -> None:
        self._places.release()


@lru_cache(maxsize=1)
def pool() -> HashingPool:
    """The threads of this process."""
    return HashingPool(settings.AUTH_HASHING_THREADS)


async def hash_password(password: str) -> str:
    """The hash to store."""
    return await pool().run(partial(security.hash_password, password))


async def verify_password(password: str, hashed: str | None) -> tuple[bool, str | None]:
    """Whether it is right, and a new hash if the stored one should be renewed. Takes the same time
    whether there is an account or not."""
    return await pool().run(partial(security.verify_password, password, hashed))

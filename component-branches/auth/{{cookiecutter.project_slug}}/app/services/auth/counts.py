"""Counts of tries in the memory of this process.

The library's own storage looks through everything it holds at each try: whoever tries many accounts from many
addresses would make each try of everybody slower than the one before. Here a try takes the same time however
many there were.
"""

import time
from dataclasses import dataclass

from limits.aio.storage import Storage

FEWEST = 1_000
"""So many are kept before any is looked at."""


@dataclass(slots=True)
class Count:
    """How many tries there were, until when."""

    number: int
    ends_at: float


class OwnCounts(Storage):
    """Counts that end with the process."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, Count] = {}
        self._sweep_at = FEWEST

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing can be lost here."""
        return ValueError

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count a try."""
        count = self._find(key)
        if count is None:
            self._sweep()
            count = self._counts[key] = Count(0, time.time() + expiry)
        count.number += amount
        return count.number

    async def get(self, key: str) -> int:
        """How many there were."""
        count = self._find(key)
        return count.number if count is not None else 0

    async def get_expiry(self, key: str) -> float:
        """When they are forgotten."""
        count = self._find(key)
        return count.ends_at if count is not None else time.time()

    async def clear(self, key: str) -> None:
        """Forget them."""
        self._counts.pop(key, None)

    async def check(self) -> bool:
        """Whether it can be used."""
        return True

    async def reset(self) -> int:
        """Forget all of them."""
        number = len(self._counts)
        self._counts.clear()
        return number

    def __len__(self) -> int:
        """How many are kept, those included that are over."""
        return len(self._counts)

    def _find(self, key: str) -> Count | None:
        count = self._counts.get(key)
        if count is None or count.ends_at > time.time():
            return count
        del self._counts[key]
        return None

    def _sweep(self) -> None:
        """Drop what is over, each time that there is twice as much as was left the last time."""
        if len(self._counts) < self._sweep_at:
            return
        now = time.time()
        self._counts = {key: count for key, count in self._counts.items() if count.ends_at > now}
        self._sweep_at = max(FEWEST, 2 * len(self._counts))

"""Looks at the health now and then, also while nobody asks.

Otherwise a state would have begun when somebody came to look.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.core.background import meanwhile
from app.core.logging import get_logger
from app.services.system.status import get_system_status

log = get_logger(__name__)

WATCH_SECONDS = 15.0


async def watch_forever(interval: float) -> None:
    """Look every `interval` seconds until cancelled; not when somebody else just did."""
    while True:
        await asyncio.sleep(interval)
        try:
            await get_system_status(max_age=interval)
        except Exception:
            log.exception("health_not_read")


@asynccontextmanager
async def watching(interval: float = WATCH_SECONDS) -> AsyncGenerator[None]:
    """Look in the background."""
    async with meanwhile(watch_forever(interval)):
        yield

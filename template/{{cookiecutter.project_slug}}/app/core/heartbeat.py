"""A file that a process touches as long as its event loop turns: all that a container's health check reads.

With `HEARTBEAT_DIR` set, as in the image, each process has a file there. Whoever looks needs no Python:
a file that is old, or none, means that the process hangs or has not started yet.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from app.core.background import meanwhile
from app.core.config import settings
from app.core.logging import get_logger
from app.core.storage import writing_to

log = get_logger(__name__)

INTERVAL_SECONDS = 5.0


@asynccontextmanager
async def beating(name: str) -> AsyncGenerator[None]:
    """Let the process of this name have a heartbeat while the block runs.

    Raises:
        StorageError: The folder cannot be written.
    """
    if settings.HEARTBEAT_DIR is None:
        yield
        return
    file = settings.HEARTBEAT_DIR / name
    with writing_to(file):
        await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(file.touch)
    try:
        async with meanwhile(beat(file)):
            yield
    finally:
        await asyncio.to_thread(file.unlink, missing_ok=True)


async def beat(file: Path) -> None:
    """Touch it every few seconds."""
    has_failed = False
    while True:
        await asyncio.sleep(INTERVAL_SECONDS)
        try:
            # Not in a thread: it is the loop that has to turn, and this takes microseconds.
            file.touch()  # noqa: ASYNC240
            has_failed = False
        except OSError as error:
            if not has_failed:
                log.error("heartbeat_not_left", exc_info=error)
            has_failed = True

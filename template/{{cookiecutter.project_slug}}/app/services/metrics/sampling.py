"""Takes samples as long as the web process runs."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.background import meanwhile
from app.services.metrics.history import MetricsHistory, metrics

if TYPE_CHECKING:
    from app.services.metrics.siblings import Siblings


async def sample_forever(
    history: MetricsHistory, interval: float, siblings: "Siblings | None" = None
) -> None:
    """Take a sample every `interval` seconds until cancelled."""
    while True:
        await asyncio.sleep(interval)
        if siblings is not None:
            await siblings.exchange()
        history.take_sample()


@asynccontextmanager
async def sampling(interval: float, folder: Path | None = None) -> AsyncGenerator[None]:
    """Take samples in the background: of this process, and of all that have the same folder."""
    siblings = None
    if folder is not None:
        from app.services.metrics.siblings import Siblings

        siblings = Siblings(folder, interval=interval)
        await siblings.begin()
    try:
        async with meanwhile(sample_forever(metrics, interval, siblings)):
            yield
    finally:
        if siblings is not None:
            await siblings.end()

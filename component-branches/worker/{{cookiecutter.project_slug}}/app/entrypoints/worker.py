"""The process of a queue."""

import asyncio

from app.core.config import settings
from app.core.logging import configure_logging
from app.core.queues import find_queue
from app.core.stopping import stopping


async def serve(name: str) -> None:
    """Work until SIGTERM or Ctrl-C."""
    from app.components.worker.process import run_worker

    await run_worker(find_queue(name), stopping.listen())


def main(name: str) -> None:
    """Be a worker of that queue."""
    configure_logging(settings)
    asyncio.run(serve(name))

"""The process of a queue."""

import asyncio
import signal

from app.core.config import settings
from app.core.logging import configure_logging
from app.core.queues import find_queue


async def serve(name: str) -> None:
    """Work until SIGTERM or Ctrl-C."""
    from app.components.worker.process import run_worker

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run_worker(find_queue(name), stop)


def main(name: str) -> None:
    """Be a worker of that queue."""
    configure_logging(settings)
    asyncio.run(serve(name))

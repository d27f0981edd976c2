"""The scheduler's process."""

import asyncio
import signal

from app.core.config import settings
from app.core.logging import configure_logging
from app.core.scheduler.process import run_scheduler


async def serve() -> None:
    """Run until SIGTERM or Ctrl-C."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run_scheduler(stop)


def main() -> None:
    """Be the scheduler."""
    configure_logging(settings)
    asyncio.run(serve())


if __name__ == "__main__":
    main()

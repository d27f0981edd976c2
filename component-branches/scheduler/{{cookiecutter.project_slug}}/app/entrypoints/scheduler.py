"""The scheduler's process."""

import asyncio

from app.core.config import settings
from app.core.logging import configure_logging
from app.core.scheduler.process import run_scheduler
from app.core.stopping import stopping


async def serve() -> None:
    """Run until SIGTERM or Ctrl-C."""
    await run_scheduler(stopping.listen())


def main() -> None:
    """Be the scheduler."""
    configure_logging(settings)
    asyncio.run(serve())


if __name__ == "__main__":
    main()

"""What every process opens at its start and closes at its end: web, scheduler and workers alike."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from app.core.component import Resource
from app.stack import COMPONENTS


def shared_resources() -> list[Resource]:
    """What to open, in this order, and to close in the reverse order."""
    opened = [resource for component in COMPONENTS for resource in component.resources()]
    # Your resources
    return opened


@asynccontextmanager
async def open_shared_resources() -> AsyncGenerator[None]:
    """Open them as long as the block runs."""
    async with AsyncExitStack() as stack:
        for resource in shared_resources():
            await stack.enter_async_context(resource)
        yield

"""Closes what the assistant has opened. Imports nothing of it: most processes never ask anything."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


@asynccontextmanager
async def open_ai() -> AsyncGenerator[None]:
    """Stop answers under way, keep them, and close the connections, if there are any."""
    try:
        yield
    finally:
        if "app.services.ai.chat" in sys.modules:
            from app.services.ai.chat import close_service

            await close_service()

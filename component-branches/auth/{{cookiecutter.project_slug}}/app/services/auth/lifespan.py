"""Accounts as long as a process runs."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.core.config import settings
from app.core.errors import ConfigurationError
from app.core.security import key_ring
from app.services.auth.housekeeping import housekeeping


@asynccontextmanager
async def auth_lifespan() -> AsyncGenerator[None]:
    """Read the keys, and keep house.

    Raises:
        ConfigurationError: The settings are not made for it.
    """
    if dangers := list(settings.dangers()):
        raise ConfigurationError(dangers)
    key_ring()
    async with housekeeping():
        yield

"""The database as long as a process runs."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.core.config import settings
from app.core.db.database import current_database
from app.core.logging import get_logger

log = get_logger(__name__)


@asynccontextmanager
async def database_lifespan() -> AsyncGenerator[None]:
    """Migrate if the settings say so, and close all connections at the end."""
    database = current_database()
    try:
        if settings.DATABASE_MIGRATE_ON_START:
            await asyncio.to_thread(migrate)
        yield
    finally:
        await database.aclose()


def migrate() -> None:
    """Apply what is pending. Processes that start together wait for each other."""
    from app.core.db.migrations import NewerDatabaseError, upgrade

    try:
        applied = upgrade()
    except NewerDatabaseError as error:
        # After a deployment was rolled back the old code usually works: serve, and let health tell.
        log.warning("database_is_newer", detail=error.detail)
        return
    if applied:
        log.info("database_migrated", revisions=applied)

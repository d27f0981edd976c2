"""The database as long as a process runs."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError

from app.core.config import settings
from app.core.db.database import current_database
from app.core.errors import StorageError, UnavailableError
from app.core.logging import get_logger
from app.core.stopping import stopping

log = get_logger(__name__)

START_SECONDS = 30.0
"""How long to wait for a database that does not answer."""
RETRY_SECONDS = 1.0


@asynccontextmanager
async def database_lifespan() -> AsyncGenerator[None]:
    """Migrate if the settings say so, and close all connections at the end.

    Raises:
        UnavailableError: It is to migrate, and the database does not answer.
        StorageError: Its disk is full, or may not be written.
    """
    database = current_database()
    try:
        if settings.DATABASE_MIGRATE_ON_START:
            await migrate_once_it_answers()
        yield
    finally:
        await database.aclose()


async def migrate_once_it_answers() -> None:
    """Migrate. A server that starts together with this process needs a moment; who stops meanwhile does not wait."""
    patience = time.monotonic() + START_SECONDS
    is_told = False
    while True:
        try:
            await asyncio.to_thread(migrate)
        except StorageError:
            raise
        except UnavailableError as error:
            if time.monotonic() >= patience or stopping.begun:
                raise
            if not is_told:
                log.warning("database_is_away", reason=error.detail, patience=START_SECONDS)
                is_told = True
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return


def migrate() -> None:
    """Apply what is pending. Processes that start together wait for each other."""
    from app.core.db.migrations import NewerDatabaseError, upgrade
    from app.core.db.outage import explain_outage, is_storage_problem

    try:
        applied = upgrade()
    except NewerDatabaseError as error:
        # After a deployment was rolled back the old code usually works: serve, and let health tell.
        log.warning("database_is_newer", detail=error.detail)
        return
    except SQLAlchemyError as error:
        reason = explain_outage(error)
        if reason is None:
            raise
        kind = StorageError if is_storage_problem(error) else UnavailableError
        raise kind(reason) from None
    if applied:
        log.info("database_migrated", revisions=applied)

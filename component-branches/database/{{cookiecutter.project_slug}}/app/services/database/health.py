"""The database's health check."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from app.services.system.models import CheckResult, Detail

# One thread: a database that hangs must not take all of them, one with each look.
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database-health")


async def check_database() -> CheckResult:
    """It answers, and has all migrations."""
    return await asyncio.get_running_loop().run_in_executor(_thread, check)


def check() -> CheckResult:
    """The same for threads."""
    from app.core.db import current_database
    from app.core.db.migrations import status

    database = current_database()
    with database.engine.connect() as connection:
        started = time.perf_counter()
        connection.exec_driver_sql("SELECT 1")
        ping_ms = round((time.perf_counter() - started) * 1000, 2)
        size = database.dialect.size(connection)
        tables = len(database.dialect.tables(connection))
        system = f"{database.dialect.title} {database.dialect.version(connection)}"
        condition = database.dialect.condition(connection)
    migrations = status()
    details: dict[str, Detail] = {
        "ping_ms": ping_ms,
        "size_bytes": size,
        "tables": tables,
        "pending_migrations": len(migrations.pending),
        **condition.details,
        "system": system,
        "place": database.dialect.place(),
    }
    if migrations.missing:
        missing = ", ".join(migrations.missing)
        return CheckResult.degraded(f"The database is newer than this code: {missing}", **details)
    if migrations.pending:
        return CheckResult.degraded("Migrations are pending; run: make migrate", **details)
    if condition.problem:
        return CheckResult.degraded(condition.problem, **details)
    return CheckResult.healthy("Answers", **details)

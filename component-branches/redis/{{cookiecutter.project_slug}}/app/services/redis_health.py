"""The health check of Redis."""

import time

from app.services.system.models import CheckResult, Detail

SLOW_MS = 100.0


async def check_redis() -> CheckResult:
    """It answers, and soon."""
    from app.core.redis import is_embedded, redis_client

    client = redis_client()
    # The first one may have to connect, which is not what is measured.
    await client.ping()
    started = time.perf_counter()
    await client.ping()
    latency_ms = round((time.perf_counter() - started) * 1000, 2)
    details: dict[str, Detail] = {"latency_ms": latency_ms, "keys": await client.dbsize()}
    if is_embedded():
        return CheckResult.healthy("Embedded in this process", **details)
    info = await client.info()
    details |= {
        "memory_bytes": info["used_memory"],
        "clients": info["connected_clients"],
        "evicted_keys": info["evicted_keys"],
        "version": info["redis_version"],
    }
    if latency_ms > SLOW_MS:
        return CheckResult.degraded("Answers slowly", **details)
    return CheckResult.healthy("Answers", **details)

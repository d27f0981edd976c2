"""The health check of Redis."""

import time
from typing import Any

from app.core.redaction import redact
from app.services.system.models import CheckResult, Detail

SLOW_MS = 100.0
FULL_PERCENT = 90


async def check_redis() -> CheckResult:
    """It answers, and soon; there is room, and it can write down what it holds."""
    from app.core.redis import is_embedded, redis_client
    from app.core.redis_url import redis_url

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
        "memory_limit_bytes": info.get("maxmemory") or None,
        "when_full": info.get("maxmemory_policy"),
        "evicted_keys": info["evicted_keys"],
        "version": info["redis_version"],
        "place": redact(redis_url()),
    }
    trouble = find_trouble(info)
    if latency_ms > SLOW_MS:
        trouble.append("It answers slowly")
    if trouble:
        return CheckResult.degraded("; ".join(trouble), **details)
    return CheckResult.healthy("Answers", **details)


def find_trouble(info: dict[str, Any]) -> list[str]:
    """What Redis says of itself that somebody should look at."""
    found = []
    used, limit = info["used_memory"], info.get("maxmemory", 0)
    if limit and info.get("maxmemory_policy") == "noeviction" and used * 100 > limit * FULL_PERCENT:
        found.append(f"Its memory is over {FULL_PERCENT} % full")
    if info.get("aof_last_write_status", "ok") != "ok":
        found.append("It cannot write its log to the disk")
    if info.get("rdb_last_bgsave_status", "ok") != "ok":
        found.append("It could not save to the disk")
    return found

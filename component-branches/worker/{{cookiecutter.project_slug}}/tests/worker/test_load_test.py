"""Load tests, from the request to the report."""

import time
from typing import Any

import pytest
from fastapi.testclient import TestClient
from redis.asyncio import Redis

from app.components.worker.process import work_off
from app.core import operators
from app.core.config import settings
from app.core.errors import ConflictError, NotFoundError
from app.services.load_test import LoadKind, LoadTestRequest, read_report, start_load_test
from app.services.load_test.service import latency
from app.services.queues import failed_jobs


@pytest.mark.parametrize("kind", list(LoadKind))
async def test_a_report_counts_every_job(kind: LoadKind, redis_client: Redis) -> None:
    request = LoadTestRequest(jobs=60, kind=kind, duration_ms=1, memory_mb=1)
    test = await start_load_test(request)
    assert not (await read_report(test.id)).is_finished
    await work_off("load_test")
    report = await read_report(test.id)
    assert report.is_finished
    assert report.done == 60
    assert report.failed == (60 if kind is LoadKind.FAILING else 0)
    assert 0 < report.latency_ms.p50 <= report.latency_ms.p99 <= report.latency_ms.longest
    assert report.jobs_per_second > 0
    assert len(await failed_jobs(100)) == report.failed


async def test_one_test_runs_at_a_time(redis_client: Redis) -> None:
    first = await start_load_test(LoadTestRequest(jobs=5, duration_ms=0))
    with pytest.raises(ConflictError, match=first.id):
        await start_load_test(LoadTestRequest(jobs=5))
    await work_off("load_test")
    await start_load_test(LoadTestRequest(jobs=5))


async def test_an_unknown_test_is_not_found(redis_client: Redis) -> None:
    with pytest.raises(NotFoundError):
        await read_report("nothing")


def test_percentiles() -> None:
    found = latency([float(number) for number in range(1, 101)])
    assert (found.p50, found.p95, found.p99, found.longest) == (51, 96, 100, 100)
    assert latency([]).longest == 0


def test_the_api_starts_and_follows_it_in_the_process_that_has_redis(client: TestClient) -> None:
    answer = client.post("/api/load-test", json={"jobs": 20, "duration_ms": 1})
    assert answer.status_code == 202
    path = f"/api/load-test/{answer.json()['id']}"
    deadline = time.monotonic() + 90
    report: dict[str, Any] = {}
    while not report.get("is_finished") and time.monotonic() < deadline:
        time.sleep(0.02)
        report = client.get(path).json()
    assert report["done"] == 20
    workers = client.get("/health/detailed").json()["components"]["worker"]
    assert workers["children"]["load_test"]["details"]["workers"] == 1


@pytest.mark.parametrize("values", [{"jobs": 0}, {"jobs": 10_001}, {"kind": "war"}])
def test_the_api_has_bounds(values: dict[str, Any], client: TestClient) -> None:
    assert client.post("/api/load-test", json=values).status_code == 422


def test_in_production_it_is_for_operators(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = settings.model_copy(update={"APP_ENV": "production"})
    monkeypatch.setattr(operators, "settings", changed)
    assert client.post("/api/load-test", json={"jobs": 1}).status_code == 401
    assert client.get("/api/load-test/1").status_code == 401

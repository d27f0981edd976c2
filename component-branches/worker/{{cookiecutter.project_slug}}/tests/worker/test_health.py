"""What health makes of the queues."""

from datetime import UTC, datetime

import pytest

from app.core.config import settings
from app.services.queues import QueueState, WorkerInfo
from app.services.queues.health import check_worker, describe
from app.services.system import State

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def make_state(workers: int = 1, **values: int) -> QueueState:
    found = [
        WorkerInfo(id=str(n), host="here", pid=n, started_at=NOW, running=0, jobs=[])
        for n in range(workers)
    ]
    usual = dict.fromkeys(
        ("waiting", "running", "deferred", "done", "failed", "repeated", "failed_lately"), 0
    )
    return QueueState(name="system", workers=found, **usual | values)


@pytest.mark.parametrize(
    ("state", "expected", "message"),
    [
        (make_state(), State.HEALTHY, ""),
        (make_state(failed=7), State.HEALTHY, ""),
        (make_state(failed_lately=1), State.DEGRADED, "1 job failed within an hour"),
        (make_state(waiting=settings.WORKER_WAITING_WARNING), State.HEALTHY, ""),
        (make_state(waiting=1001), State.DEGRADED, "1,001 jobs wait"),
        (make_state(workers=0, waiting=7), State.UNHEALTHY, "No worker is running"),
    ],
)
def test_a_queue(state: QueueState, expected: State, message: str) -> None:
    found = describe(state)
    assert (found.state, found.message) == (expected, message)


@pytest.mark.usefixtures("redis_client")
async def test_without_workers_it_is_unhealthy() -> None:
    result = await check_worker()
    assert result.state is State.UNHEALTHY
    assert "system: No worker is running" in result.message
    assert set(result.children) == {"system", "load_test"}

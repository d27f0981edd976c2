"""The system's status and its alerts."""

import pytest

from app.core.constants import PROJECT_SLUG
from app.core.formatting import title
from app.services.metrics import Sample
from app.services.system import Resources, State, checks, get_system_status
from app.services.system.resources import average_cpu_percent, find_alerts


def resources(**percent: float) -> Resources:
    return Resources(
        cpu_percent=1,
        cpu_average_percent=percent.get("cpu"),
        memory_percent=percent.get("memory", 1),
        memory_used_bytes=1,
        memory_total_bytes=100,
        disk_percent=percent.get("disk", 1),
        disk_used_bytes=1,
        disk_total_bytes=100,
        process_memory_bytes=1,
    )


async def test_the_status_tells_of_the_machine_and_the_backend() -> None:
    status = await get_system_status(max_age=0)
    assert status.app == PROJECT_SLUG
    assert status.resources.memory_total_bytes > status.resources.memory_used_bytes > 0
    assert status.resources.process_memory_bytes > 0
    assert status.components["backend"].required


@pytest.mark.parametrize("resource", ["cpu", "memory", "disk"])
def test_there_is_an_alert_from_the_threshold_on(resource: str) -> None:
    assert find_alerts(resources(**{resource: 89.9})) == []
    [alert] = find_alerts(resources(**{resource: 90}))
    assert alert.resource == resource
    assert alert.message == f"{title(resource)} is at 90 %, over the threshold of 90 %"


def test_a_short_peak_of_the_cpu_is_no_alert() -> None:
    peak = resources().model_copy(update={"cpu_percent": 100, "cpu_average_percent": 40})
    assert find_alerts(peak) == []


def test_the_cpus_average_is_known_once_it_was_measured_long_enough() -> None:
    samples = [Sample(at, 100 if at < 5 else 40, 50, 1, 0, 0, 0) for at in range(35)]
    assert average_cpu_percent([], now=0) is None
    assert average_cpu_percent(samples[:20], now=19) is None
    assert average_cpu_percent(samples, now=34.5) == 40


async def test_the_machine_is_degraded_when_the_disk_is_almost_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checks, "read_resources", lambda: resources(disk=97))
    result = await checks.check_machine()
    assert result.state is State.DEGRADED
    assert result.message == "Disk is at 97 %, over the threshold of 90 %"


async def test_a_busy_cpu_does_not_degrade_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "read_resources", lambda: resources(cpu=100))
    assert (await checks.check_machine()).state is State.HEALTHY

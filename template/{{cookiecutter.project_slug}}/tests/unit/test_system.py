"""The system's status and its alerts."""

import pytest

from app.core.constants import PROJECT_SLUG
from app.services.system import Resources, get_system_status
from app.services.system.resources import find_alerts


def resources(**percent: float) -> Resources:
    return Resources(
        cpu_percent=percent.get("cpu", 1),
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
    assert alert.message == f"{resource} is at 90 % (threshold 90 %)"

"""What the machine and this process use, and when that is too much."""

import time

from app.core.config import settings
from app.core.constants import ROOT
from app.services.metrics import metrics
from app.services.system.models import Alert, Resources


def read_resources() -> Resources:
    """Measure now."""
    import psutil  # late, for a process serves its first request before it needs this

    memory = psutil.virtual_memory()
    disk = psutil.disk_usage(str(ROOT))
    return Resources(
        cpu_percent=cpu_percent(),
        memory_percent=memory.percent,
        memory_used_bytes=memory.total - memory.available,
        memory_total_bytes=memory.total,
        disk_percent=disk.percent,
        disk_used_bytes=disk.used,
        disk_total_bytes=disk.total,
        process_memory_bytes=psutil.Process().memory_info().rss,
    )


def cpu_percent() -> float:
    """The figure of the latest sample, or a measurement where nobody takes samples.

    Two callers that both ask psutil for "since last time" would spoil each other's figure.
    """
    latest = metrics.latest()
    if latest is not None and time.time() - latest.at < 3 * settings.METRICS_INTERVAL_SECONDS:
        return latest.cpu_percent
    import psutil

    return psutil.cpu_percent(interval=None)


def find_alerts(resources: Resources) -> list[Alert]:
    """The resources that are over their thresholds."""
    watched = [
        ("cpu", resources.cpu_percent, settings.ALERT_CPU_PERCENT),
        ("memory", resources.memory_percent, settings.ALERT_MEMORY_PERCENT),
        ("disk", resources.disk_percent, settings.ALERT_DISK_PERCENT),
    ]
    return [
        Alert(
            resource=name,
            value=value,
            threshold=threshold,
            message=f"{name} is at {value:.0f} % (threshold {threshold:.0f} %)",
        )
        for name, value, threshold in watched
        if value >= threshold
    ]

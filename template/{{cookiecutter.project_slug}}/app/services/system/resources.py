"""What the machine and this process use, and when that is too much."""

import time
from collections.abc import Sequence

from app.core import formatting
from app.core.config import settings
from app.core.constants import ROOT
from app.core.storage import nearest, unwritable
from app.services.metrics import Sample, metrics
from app.services.system.models import Alert, Resources, Volume
from app.stack import COMPONENTS

CPU_AVERAGE_SECONDS = 30
"""A short peak is what a CPU is for: only a use that lasts this long makes an alert."""


def read_resources() -> Resources:
    """Measure now."""
    import psutil  # late, for a process serves its first request before it needs this

    memory = psutil.virtual_memory()
    disk = psutil.disk_usage(str(ROOT))
    return Resources(
        cpu_percent=cpu_percent(),
        cpu_average_percent=average_cpu_percent(metrics.samples(), time.time()),
        memory_percent=memory.percent,
        memory_used_bytes=memory.total - memory.available,
        memory_total_bytes=memory.total,
        disk_percent=disk.percent,
        disk_used_bytes=disk.used,
        # Not `disk.total`: part of that is kept for the superuser.
        disk_total_bytes=disk.used + disk.free,
        volumes=read_volumes(),
        process_memory_bytes=psutil.Process().memory_info().rss + metrics.others_memory_bytes,
    )


def read_volumes() -> list[Volume]:
    """The disks of what components keep: each once, and those of the code only when they refuse."""
    import psutil

    seen = {ROOT.stat().st_dev}
    found = []
    for component in COMPONENTS:
        for name, folder in component.folders().items():
            place = nearest(folder)
            device = place.stat().st_dev
            problem = unwritable(folder)
            if device in seen and not problem:
                continue
            seen.add(device)
            disk = psutil.disk_usage(str(place))
            found.append(
                Volume(
                    name=name,
                    path=str(folder),
                    percent=disk.percent,
                    used_bytes=disk.used,
                    total_bytes=disk.used + disk.free,
                    problem=problem,
                )
            )
    return found


def cpu_percent() -> float:
    """The figure of the latest sample, or a measurement where nobody takes samples.

    Two callers that both ask psutil for "since last time" would spoil each other's figure.
    """
    latest = metrics.latest()
    if latest is not None and time.time() - latest.at < 3 * settings.METRICS_INTERVAL_SECONDS:
        return latest.cpu_percent
    import psutil

    return psutil.cpu_percent(interval=None)


def average_cpu_percent(samples: Sequence[Sample], now: float) -> float | None:
    """The mean of the last `CPU_AVERAGE_SECONDS`; None until that long has been measured."""
    since = now - CPU_AVERAGE_SECONDS
    recent = [sample.cpu_percent for sample in samples if sample.at > since]
    if not recent or len(recent) == len(samples):
        return None
    return sum(recent) / len(recent)


def find_alerts(resources: Resources) -> list[Alert]:
    """The resources that are over their thresholds."""
    watched = [
        ("cpu", resources.cpu_average_percent, settings.ALERT_CPU_PERCENT),
        ("memory", resources.memory_percent, settings.ALERT_MEMORY_PERCENT),
        ("disk", resources.disk_percent, settings.ALERT_DISK_PERCENT),
        *(
            (f"disk of {volume.name}", volume.percent, settings.ALERT_DISK_PERCENT)
            for volume in resources.volumes
        ),
    ]
    return [
        Alert(
            resource=name,
            value=value,
            threshold=threshold,
            message=f"{formatting.title(name)} is at {value:.0f} %, "
            f"over the threshold of {threshold:.0f} %",
        )
        for name, value, threshold in watched
        if value is not None and value >= threshold
    ]

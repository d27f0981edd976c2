"""Figures over time: CPU, memory and requests of the last minutes."""

from app.services.metrics.history import Counts, MetricsHistory, Sample, metrics
from app.services.metrics.sampling import sampling

__all__ = ["Counts", "MetricsHistory", "Sample", "metrics", "sampling"]

"""Figures over time: CPU, memory and requests of the last minutes."""

from app.services.metrics.history import MetricsHistory, Sample, metrics, sampling

__all__ = ["MetricsHistory", "Sample", "metrics", "sampling"]

"""Load tests: many jobs of a kind, and how long they took."""

from app.services.load_test.models import (
    LoadJob,
    LoadKind,
    LoadTest,
    LoadTestReport,
    LoadTestRequest,
)
from app.services.load_test.service import read_report, run_job, spread, start_load_test

__all__ = [
    "LoadJob",
    "LoadKind",
    "LoadTest",
    "LoadTestReport",
    "LoadTestRequest",
    "read_report",
    "run_job",
    "spread",
    "start_load_test",
]

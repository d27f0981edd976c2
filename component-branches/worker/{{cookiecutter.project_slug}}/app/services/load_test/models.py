"""What a load test asks for, and what comes of it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field


class LoadKind(StrEnum):
    """What a job does: waits, computes, takes memory, or fails."""

    IO = "io"
    CPU = "cpu"
    MEMORY = "memory"
    FAILING = "failing"


class LoadTestRequest(BaseModel):
    """How many jobs of which kind. The bounds keep a slip of the finger from becoming an outage."""

    jobs: Annotated[int, Field(ge=1, le=10_000)] = 1000
    kind: LoadKind = LoadKind.IO
    duration_ms: Annotated[int, Field(ge=0, le=5_000, description="How long each job takes")] = 10
    memory_mb: Annotated[int, Field(ge=1, le=64, description="What a job of memory takes")] = 4


class LoadTest(LoadTestRequest):
    """A test that has been started."""

    id: str
    started_at: datetime


class LoadJob(BaseModel):
    """One of its jobs."""

    test: str
    number: int
    total: int
    kind: LoadKind
    duration_ms: int
    memory_mb: int
    enqueued_at: float


class Latency(BaseModel):
    """How long jobs took from being enqueued to their end, in milliseconds."""

    p50: float = 0
    p95: float = 0
    p99: float = 0
    longest: float = 0


class LoadTestReport(BaseModel):
    """How a test goes, or went."""

    test: LoadTest
    is_finished: bool
    done: int
    failed: int
    seconds: float = Field(description="From the first job that was enqueued to the last end")
    jobs_per_second: float
    latency_ms: Latency

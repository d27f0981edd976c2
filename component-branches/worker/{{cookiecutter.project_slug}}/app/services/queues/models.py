"""Queues, workers and jobs that have failed."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class RunningJob(BaseModel):
    """A job that a worker has begun."""

    id: str
    function: str
    started_at: datetime


class WorkerInfo(BaseModel):
    """A sign of life of a worker."""

    id: str
    host: str
    pid: int
    started_at: datetime
    running: int
    jobs: list[RunningJob]
    """The first ones of those that run."""


class QueueState(BaseModel):
    """A queue at one moment."""

    name: str
    waiting: int
    """Jobs that could run, if a worker had room for them."""
    running: int
    deferred: int
    """Jobs whose time has not come."""
    workers: list[WorkerInfo]
    done: int
    failed: int
    repeated: int
    """Runs of jobs that had begun before: after an error, or after the worker had gone."""
    failed_lately: int


class FailedJob(BaseModel):
    """A job that failed for good, with all that it takes to run it again."""

    id: str
    queue: str
    function: str
    args: list[Any] | None
    """None: they were too large to be kept."""
    kwargs: dict[str, Any]
    tries: int
    error: str
    traceback: str
    enqueued_at: datetime
    failed_at: datetime

"""A scheduler that tests can run for a moment."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core.scheduler import process
from app.services.scheduler import (
    Action,
    Heartbeat,
    JobInfo,
    Outcome,
    Run,
    Wish,
    scheduler_memory,
)

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
PATIENCE = 90.0
"""How many seconds a busy machine may take for what takes a moment otherwise."""


def make_run(job: str = "clean", outcome: Outcome = Outcome.OK, **values: Any) -> Run:
    """A run."""
    usual: dict[str, Any] = {"scheduled_at": NOW, "finished_at": NOW, "duration_ms": 12.5}
    return Run(job=job, outcome=outcome, **usual | values)


def make_wish(job: str, action: Action = Action.RUN) -> Wish:
    """What somebody asks for."""
    return Wish(action=action, job=job)


def make_beat(*jobs: str, at: datetime | None = None) -> Heartbeat:
    """A heartbeat of a process with these jobs."""
    infos = [JobInfo(id=j, trigger="cron", function="app:f", next_run=NOW) for j in jobs]
    # Fresh as long as a test may take.
    moment = at or datetime.now(UTC) + timedelta(hours=1)
    return Heartbeat(
        at=moment,
        started_at=NOW,
        host="here",
        pid=1,
        job_count=len(infos),
        jobs=infos,
        running=[],
    )


@asynccontextmanager
async def running_scheduler() -> AsyncGenerator[asyncio.Event]:
    """The scheduler's process, inside of this one."""
    stop = asyncio.Event()
    task = asyncio.create_task(process.run_scheduler(stop))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(task, PATIENCE)


async def wait_for_runs(count: int, job: str | None = None) -> list[Run]:
    """Wait until so many runs are in the history."""
    async with asyncio.timeout(PATIENCE):
        while True:
            runs = await asyncio.to_thread(scheduler_memory().runs, 50, job)
            if len(runs) >= count:
                return runs
            await asyncio.sleep(0.05)


async def wait_for_beat(fits: Callable[[Heartbeat], bool] = lambda _beat: True) -> Heartbeat:
    """Wait until there is a heartbeat that fits."""
    async with asyncio.timeout(PATIENCE):
        while True:
            beat = await asyncio.to_thread(scheduler_memory().last_beat)
            if beat is not None and fits(beat):
                return beat
            await asyncio.sleep(0.05)

"""Measures the scheduler of a generated project with many planned jobs in its database.

python scripts/bench/scheduler.py --project DIR [--jobs 10000] [--due 1000]

The project must have the components scheduler and database, and be installed (`uv sync`). Its own database is not
touched. Linux only: it reads /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from datetime import datetime
from pathlib import Path

PATIENCE = 300.0
DUE_SECONDS = 10
PLAN = """
import asyncio, json, sys, time
from datetime import UTC, datetime, timedelta
from app.core.scheduler.scheduler import build_scheduler

count, after, spread, name = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]


async def main():
    scheduler = build_scheduler()
    scheduler.start(paused=True)
    first = datetime.now(UTC) + timedelta(seconds=after)
    started = time.perf_counter()
    for number in range(count):
        moment = first + timedelta(seconds=spread * number / count)
        scheduler.add_job("time:time", "date", run_date=moment, id=f"{name}-{number}")
    added = time.perf_counter()
    scheduler.get_jobs()
    print(json.dumps({"add": added - started, "list": time.perf_counter() - added}))
    scheduler.shutdown(wait=False)


asyncio.run(main())
"""


class Project:
    """A project with a database of its own for the measurement."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = root
        self.python = root / ".venv/bin/python"
        self.environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{folder / 'app.db'}",
            "BACKUP_ENABLED": "false",
            "LOG_LEVEL": "ERROR",
        }

    def run(self, *arguments: str) -> str:
        """Run Python in the project and return what it printed."""
        return subprocess.run(
            [self.python, *arguments],
            cwd=self.root, env=self.environment, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip

    def plan(self, count: int, *, after: float, spread: float, name: str) -> dict[str, float]:
        """Add jobs; return the seconds that adding and listing took."""
        found: dict[str, float] = json.loads(
            self.run("-c", PLAN, str(count), str(after), str(spread), name)
        )
        return found

    def beats(self) -> int:
        """Return how many jobs the scheduler that runs has; -1 while none runs."""
        answer = subprocess.run(
            [self.python, "-m", "app.cli", "scheduler", "status"],
            cwd=self.root, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return int(answer.stdout.split(" with ")[1].split()[0]) if answer.returncode == 0 else -1

    def lateness(self, name: str) -> list[float]:
        """Return how many milliseconds after its time each job had ended, in order."""
        rows = json.loads(
            self.run("-m", "app.cli", "scheduler", "history", "-n", "1000000", "--json")
        )
        return sorted(
            1000 * (moment(row["finished_at"]) - moment(row["scheduled_at"]))
            for row in rows
            if row["job"].startswith(name)
        )


def moment(text: str) -> float:
    """Read a time."""
    return datetime.fromisoformat(text).timestamp()


def cpu(pid: int) -> float:
    """Return a process's CPU seconds so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Return a process's resident memory in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--due", type=int, default=1_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = Project(given.project.resolve(), Path(folder))
        project.run("-m", "app.cli", "db", "migrate")
        took = project.plan(given.jobs, after=86_400, spread=3600, name="far")
        print(f"{given.jobs} jobs: added in {took['add']:.1f} s, listed in {took['list']:.2f} s")
        project.plan(given.due, after=30, spread=DUE_SECONDS, name="due")
        started = time.perf_counter()
        with subprocess.Popen(
            [project.python, "-m", "app.entrypoints", "scheduler"],
            cwd=project.root, env=project.environment,
        ) as scheduler:  # fmt: skip
            while project.beats() < given.jobs:
                if scheduler.poll() is not None or time.perf_counter() - started > PATIENCE:
                    raise RuntimeError("the scheduler did not start")
            print(f"started in {time.perf_counter() - started:.1f} s", end=", ")
            before, since = cpu(scheduler.pid), time.perf_counter()
            while len(late := project.lateness("due")) < given.due:
                if time.perf_counter() - started > PATIENCE:
                    raise RuntimeError("the jobs did not run")
            share = (cpu(scheduler.pid) - before) / (time.perf_counter() - since)
            print(f"{memory(scheduler.pid)} MB, {share:.0%} of a core")
            scheduler.terminate()
    slowest = late[int(0.99 * len(late))]
    print(
        f"{given.due} of them due within {DUE_SECONDS} s: ended {statistics.median(late):.0f} ms "
        f"after their time (median), {slowest:.0f} ms (99 %)"
    )


if __name__ == "__main__":
    main()

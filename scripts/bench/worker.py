"""Measures the worker of a generated project against plain arq with the same settings, in turns.

Figures per CPU second hold on a busy machine. Both write their logs to a file: arq two lines for each job, the
project one (`--quiet`: neither writes any).

python scripts/bench/worker.py --project DIR [--rounds 7] [--jobs 3000] [--quiet]

The project must have the component `worker` and be installed (`uv sync`); redis-server must be on PATH. Linux only:
it reads /proc.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

OWN = """
import asyncio
from arq import func
from app.components.worker.process import run_worker
from app.components.worker.queues.system import WorkerSettings
from app.core.config import settings
from app.core.logging import configure_logging
from app.core.queues import find_queue
from app.core.redis import redis_client

async def count(ctx, number):
    await ctx["redis"].incr("done")

WorkerSettings.functions = [func(count)]
WorkerSettings.cron_jobs = []
configure_logging(settings)
asyncio.run(run_worker(find_queue("system"), asyncio.Event()))
"""

PLAIN = """
import logging.config, os
from arq.connections import RedisSettings
from arq.logs import default_log_config
from arq.worker import run_worker
from app.components.worker.worker import USUAL

async def count(ctx, number):
    await ctx["redis"].incr("done")

class WorkerSettings:
    functions = [count]
    queue_name = "arq:queue:system"
    redis_settings = RedisSettings.from_dsn(os.environ["REDIS_URL"])

if os.environ["LOG_LEVEL"] == "INFO":
    logging.config.dictConfig(default_log_config(verbose=False))
run_worker(WorkerSettings, **USUAL)
"""

FILL = """
import asyncio, os, sys
from arq.connections import RedisSettings, create_pool
from app.services.queues.serialization import dump

async def main():
    serializer = dump if sys.argv[1] == "own" else None
    address = RedisSettings.from_dsn(os.environ["REDIS_URL"])
    pool = await create_pool(address, job_serializer=serializer, default_queue_name="arq:queue:system")
    await pool.flushdb()
    for first in range(0, int(sys.argv[2]), 100):
        await asyncio.gather(*(pool.enqueue_job("count", first + n) for n in range(100)))
    await pool.aclose()

asyncio.run(main())
"""
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 120.0


class Run(NamedTuple):
    """What one run over a full queue gave."""

    per_second: float  # jobs
    per_cpu_second: float  # jobs, by the CPU time of the worker


class Redis:
    """A Redis that the two take turns with."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"

    def ask(self, *words: str) -> str:
        """Send a command by redis-cli."""
        command = ["redis-cli", "-s", str(self.socket), *words]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        return found.stdout.strip()


@contextmanager
def redis_server() -> Iterator[Redis]:
    """Run a Redis that keeps nothing.

    Yields:
        It, as soon as it answers.
    """
    with tempfile.TemporaryDirectory() as place:
        redis = Redis(Path(place))
        options = ["--port", "0", "--unixsocket", str(redis.socket), "--save", "", "--dir", place]
        with subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL) as server:
            try:
                deadline = time.perf_counter() + PATIENCE
                while redis.ask("ping") != "PONG":
                    if server.poll() is not None or time.perf_counter() > deadline:
                        raise RuntimeError("redis-server did not start")
                    time.sleep(0.01)
                yield redis
            finally:
                server.terminate()


def cpu_of(process: subprocess.Popen[bytes]) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(project: Path, redis: Redis, jobs: int, *, own: bool, quiet: bool) -> Run:
    """Fill the queue, then let one worker empty it. What it does until its first job does not count."""
    level = {"LOG_LEVEL": "WARNING" if quiet else "INFO", "LOG_FORMAT": "json"}
    environment = {**os.environ, "REDIS_URL": redis.url, **level}
    python = str(project / ".venv/bin/python")
    kind = "own" if own else "plain"
    subprocess.run([python, "-c", FILL, kind, str(jobs)], cwd=project, env=environment, check=True)
    with tempfile.TemporaryFile() as log:
        worker = subprocess.Popen(
            [python, "-c", OWN if own else PLAIN], cwd=project, env=environment, stderr=log
        )
        try:
            begin = wait_for(redis, worker, 1)
            cpu, since = cpu_of(worker), time.perf_counter()
            wait_for(redis, worker, jobs)
            seconds, used = time.perf_counter() - since, cpu_of(worker) - cpu
        finally:
            worker.terminate()
            worker.wait(timeout=15)
    return Run((jobs - begin) / seconds, (jobs - begin) / used)


def wait_for(redis: Redis, worker: subprocess.Popen[bytes], count: int) -> int:
    """Wait until so many jobs are done, and return how many are."""
    deadline = time.perf_counter() + PATIENCE
    while (done := int(redis.ask("get", "done") or 0)) < count:
        if worker.poll() is not None or time.perf_counter() > deadline:
            raise RuntimeError(f"only {done} of {count} jobs were done")
        time.sleep(0.02)
    return done


def main() -> None:
    """Measure, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--jobs", type=int, default=3000)
    parser.add_argument("--quiet", action="store_true")
    given = parser.parse_args()
    if shutil.which("redis-server") is None:
        parser.error("redis-server must be on PATH")
    project = given.project.resolve()
    with redis_server() as redis:
        for own in (False, True):  # warm: compiled files, page cache
            measure(project, redis, 300, own=own, quiet=given.quiet)
        pairs = [
            (
                measure(project, redis, given.jobs, own=False, quiet=given.quiet),
                measure(project, redis, given.jobs, own=True, quiet=given.quiet),
            )
            for _ in range(given.rounds)
        ]
    print(
        f"{given.jobs} jobs, median of {given.rounds}, in turns; "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print(f"{'':28}{'arq':>10}{'project':>10}{'ratio':>8}")
    for index, name in enumerate(("jobs per second", "jobs per CPU second")):
        plain = statistics.median(pair[0][index] for pair in pairs)
        own_value = statistics.median(pair[1][index] for pair in pairs)
        ratio = statistics.median(pair[1][index] / pair[0][index] for pair in pairs)
        print(f"{name:28}{plain:10.0f}{own_value:10.0f}{ratio:8.2f}")


if __name__ == "__main__":
    main()

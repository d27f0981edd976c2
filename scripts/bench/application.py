"""Measures a generated project against a bare FastAPI application, in turns.

Figures per CPU second hold on a busy machine. Both serve the same route at the same place, as a user
would add it. `/health` is asked as well, but says less: the project's answer is made once, and is
neither bounded nor counted.

python scripts/bench/application.py --project DIR [--rounds 5] [--dashboards 100]

The project must be installed (`uv sync`). Linux only: it reads /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import statistics
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROUTE = """
from fastapi import APIRouter

router = APIRouter()


@router.get("/route")
async def route() -> dict[str, bool]:
    return {"healthy": True}
"""
BARE = f"""{ROUTE}
import os
import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
async def health() -> dict[str, bool]:
    return {{"healthy": True}}


app.include_router(router)
uvicorn.run(app, port=int(os.environ["PORT"]), access_log=False, log_level="warning")
"""
PROJECT = f"""{ROUTE}
from app.components.backend.api import routing

own = routing.include_routers


def include_routers(app):
    own(app)
    app.include_router(router)


routing.include_routers = include_routers  # Before the application imports it.

from app.entrypoints.processes import find_processes, run_process

run_process(find_processes(["web"])[0], [])
"""
TICKS = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 32
LOAD_SECONDS = 4.0
WATCH_SECONDS = 20.0
PATIENCE = 60.0


class Run(NamedTuple):
    """What one start and one load of a server gave."""

    start: float  # seconds to the first 200
    start_cpu: float  # CPU seconds to the first 200
    per_cpu_second: float  # requests of a route
    health_per_cpu_second: float
    memory: float  # MB, after the load


class Server:
    """A server process."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def cpu(self) -> float:
        """CPU seconds so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> float:
        """Resident memory in MB."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("no VmRSS")

    def answers(self, path: str = "/health") -> bool:
        """Whether it answers with a 200."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError):
            return False


@contextmanager
def serving(
    project: Path, *, bare: bool, with_route: bool = False
) -> Iterator[tuple[Server, float]]:
    """Start a server of the project as it is or with the route, or the bare application.

    Yields:
        The server, and the seconds to its first 200.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1", "LOG_LEVEL": "WARNING"}
    arguments = ["-m", "app.entrypoints", "web"]
    if bare or with_route:
        arguments = ["-c", BARE if bare else PROJECT]
    started = time.perf_counter()
    process = subprocess.Popen(
        [project / ".venv/bin/python", *arguments], cwd=project, env=environment
    )
    server = Server(process, port)
    try:
        while not server.answers():
            if process.poll() is not None or time.perf_counter() - started > PATIENCE:
                raise RuntimeError("the server did not start")
            time.sleep(0.005)
        yield server, time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=15)


async def ask(port: int, path: str, until: float) -> int:
    """Send requests over one connection, each after the answer to the one before."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    while time.perf_counter() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"{path}: {head.decode()}")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        count += 1
    writer.close()
    await writer.wait_closed()
    return count


async def answer_all(port: int, path: str) -> int:
    """Return how many requests were answered."""
    until = time.perf_counter() + LOAD_SECONDS
    return sum(await asyncio.gather(*(ask(port, path, until) for _ in range(CONNECTIONS))))


def load(server: Server, path: str) -> float:
    """Return how many requests were answered in a CPU second."""
    before = server.cpu()
    count = asyncio.run(answer_all(server.port, path))
    return count / (server.cpu() - before)


def measure(project: Path, *, bare: bool) -> Run:
    """Start a server and end it; start one with the route, load it and end it."""
    with serving(project, bare=bare) as (server, start):
        start_cpu = server.cpu()
    with serving(project, bare=bare, with_route=True) as (server, _):
        route, health = load(server, "/route"), load(server, "/health")
        return Run(start, start_cpu, route, health, server.memory())


def watch_dashboards(project: Path, count: int) -> tuple[float, float]:
    """Return memory in MB, and the share of a core, with that many dashboards open."""
    script = Path(__file__).with_name("dashboards.py")
    with serving(project, bare=False) as (server, _):
        command = [str(project / ".venv/bin/python"), str(script), server.url, str(count)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as opener:
            if opener.stdin is None or opener.stdout is None:
                raise RuntimeError("the dashboards have no pipes")
            if opener.stdout.readline() != b"open\n":
                raise RuntimeError("the dashboards did not open")
            before, since = server.cpu(), time.perf_counter()
            time.sleep(WATCH_SECONDS)
            share = (server.cpu() - before) / (time.perf_counter() - since)
            memory = server.memory()
            opener.stdin.close()
            opener.wait(timeout=30)
    return memory, share


def main() -> None:
    """Measure, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--dashboards", type=int, default=100)
    given = parser.parse_args()
    project = given.project.resolve()
    for bare in (True, False):  # warm: compiled files, page cache
        measure(project, bare=bare)
    pairs = [
        (measure(project, bare=True), measure(project, bare=False)) for _ in range(given.rounds)
    ]
    print(
        f"median of {given.rounds}, in turns; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print(f"{'':28}{'bare':>10}{'project':>10}{'ratio':>8}")
    for index, (name, scale) in enumerate(
        [("start to first 200, ms", 1000.0), ("CPU until then, ms", 1000.0),
         ("requests per CPU second", 1.0), ("the same of /health", 1.0),
         ("memory after the load, MB", 1.0)]
    ):  # fmt: skip
        bare_value = statistics.median(pair[0][index] for pair in pairs) * scale
        own = statistics.median(pair[1][index] for pair in pairs) * scale
        ratio = statistics.median(pair[1][index] / pair[0][index] for pair in pairs)
        print(f"{name:28}{bare_value:10.0f}{own:10.0f}{ratio:8.2f}")
    if given.dashboards:
        memory, share = watch_dashboards(project, given.dashboards)
        print(f"{given.dashboards} open dashboards: {memory:.0f} MB, {share:.0%} of a core")


if __name__ == "__main__":
    main()

"""The processes as containers run them, each by itself, and the servers that are killed."""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from tests.support.application import free_port
from tests.support.postgres_server import PostgresServer, programs
from tests.support.redis_server import RedisServer

from .application import prepare

PROCESSES = ("web", "scheduler", "worker-system", "worker-load-test")
WEB_WORKERS = 2
EMAIL, PASSWORD = "soak@example.com", secrets.token_urlsafe(16)
PATIENCE = 180.0
STOP_SECONDS = 60.0
BETWEEN_KILLS = (10.0, 45.0)
DOWN = (0.2, 12.0)
MEASURE_SECONDS = 2.0


class Measured(NamedTuple):
    """The memory of one process at one moment."""

    at: float
    megabytes: float


class Stack:
    """All of it, in one folder."""

    def __init__(self, root: Path, folder: Path) -> None:
        binaries = programs()
        if binaries is None or not RedisServer.is_installed():
            raise SystemExit(
                "needs PostgreSQL's server, redis-server and redis-cli on this machine"
            )
        self.root = root
        self.folder = folder
        (folder / "postgres").mkdir()
        self.postgres = PostgresServer(binaries, folder / "postgres")
        self.redis = RedisServer(folder / "redis")
        self.port = free_port()
        self.metrics = {name: free_port() for name in PROCESSES}
        self.notes = folder / "notes"
        self.notes.touch()
        self.environment = {
            "APP_ENV": "production",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "PUBLIC_URL": f"http://localhost:{self.port}",
            "AUTH_SECRET_KEY": secrets.token_urlsafe(32),
            "DASHBOARD_TOKEN": secrets.token_urlsafe(32),
            "REDIS_URL": self.redis.url,
            "WEB_WORKERS": str(WEB_WORKERS),
            "HEARTBEAT_DIR": str(folder / "heartbeats"),
            "SOAK_NOTES": str(self.notes),
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.memory: dict[str, list[Measured]] = {}
        self.kills: list[tuple[float, str, float]] = []

    def __enter__(self) -> Stack:
        self.postgres.start()
        self.redis.start()
        self.environment["DATABASE_URL"] = self.postgres.create("soak")
        prepare(self.root, self.environment, EMAIL, PASSWORD)
        for name in PROCESSES:
            self._start(name)
        deadline = time.monotonic() + PATIENCE
        while self.ready() != 200:
            if time.monotonic() > deadline or self.ended():
                raise SystemExit(f"it does not become ready; the logs are in {self.folder}")
            time.sleep(0.5)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        self.redis.kill()
        self.postgres.end()

    def log(self, name: str) -> Path:
        """Where a process writes."""
        return self.folder / f"{name}.log"

    def _start(self, name: str) -> None:
        with self.log(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [self.root / ".venv/bin/python", "-m", "app.entrypoints", name],
                cwd=self.root,
                env={
                    **os.environ,
                    **self.environment,
                    "METRICS_PORT": str(self.metrics[name]),
                },
                stdout=log,
                stderr=log,
            )

    def ended(self) -> list[str]:
        """Those that do not run any more."""
        return [name for name, process in self.processes.items() if process.poll() is not None]

    def ready(self) -> int:
        """What readiness says; 0: nobody answers."""
        url = f"http://127.0.0.1:{self.port}/health/ready"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def kill_now_and_then(self, chance: random.Random, over: threading.Event) -> None:
        """Kill one of the servers at random instants, and start it again a little later."""
        begun = time.monotonic()
        while not over.wait(chance.uniform(*BETWEEN_KILLS)):
            servers: list[PostgresServer | RedisServer] = [self.postgres, self.redis]
            server = chance.choice(servers)
            down = chance.uniform(*DOWN)
            self.kills.append((time.monotonic() - begun, type(server).__name__, down))
            server.kill()
            over.wait(down)
            server.start()

    def measure(self, over: threading.Event) -> None:
        """Write down the memory of each process, until it is over."""
        begun = time.monotonic()
        while not over.wait(MEASURE_SECONDS):
            for name, process in self.processes.items():
                for label, pid in who_serves(name, process.pid):
                    with suppress(OSError):
                        at = time.monotonic() - begun
                        self.memory.setdefault(label, []).append(Measured(at, resident(pid)))


def who_serves(name: str, pid: int) -> list[tuple[str, int]]:
    """The process, and those that it has started."""
    found = [(name, pid)]
    if name == "web":
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        found += [(f"web-{number}", int(child)) for number, child in enumerate(listed, 1)]
    return found


def resident(pid: int) -> float:
    """Resident memory in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0

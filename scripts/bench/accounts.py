"""Measures the accounts of a generated project: tokens, logins of known and unknown users, and a flood of wrong logins.

python scripts/bench/accounts.py --project DIR [--seconds 60] [--rate 200]

The project must have the service `auth` and be installed (`uv sync`). Times of the processor hold on a busy machine;
those of `/health` under the flood do not: the flood comes from the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 90.0  # seconds until the server must answer
NO_LIMITS = {
    "AUTH_LOGIN_LIMIT_PER_ADDRESS": "100000/second",
    "AUTH_LOGIN_LIMIT_PER_ACCOUNT": "100000/second",
}

INSIDE = """
import asyncio, statistics, time
from datetime import timedelta
from uuid import uuid4

from app.core.db.migrations import upgrade
from app.core.security.tokens import create_access_token, decode_access_token
from app.models.user import UserCreate
from app.services.auth import hashing
from app.services.auth.errors import WrongLoginError
from app.services.auth.login import log_in
from app.services.auth.models import Client
from app.services.auth.seed import create_test_users

TOKENS, LOGINS = 20_000, 30
CLIENT = Client(address="192.0.2.1", user_agent="bench")


def tokens():
    token = create_access_token(uuid4(), uuid4(), timedelta(minutes=5))
    decode_access_token(token)
    before = time.process_time()
    for _ in range(TOKENS):
        decode_access_token(token)
    return TOKENS / (time.process_time() - before)


async def wrong(email):
    before = time.process_time()
    try:
        await log_in(email, "a wrong password", CLIENT)
    except WrongLoginError:
        return (time.process_time() - before) * 1000
    raise SystemExit("it was let in")


async def logins():
    await create_test_users(1)
    for email in ("admin@example.com", "nobody@example.com"):
        await wrong(email)
    return [
        (await wrong("admin@example.com"), await wrong("nobody@example.com"))
        for _ in range(LOGINS)
    ]

upgrade()
print(f"tokens verified per CPU second: {tokens():,.0f}")
pairs = asyncio.run(logins())
known, unknown = zip(*pairs)
differences = [a - b for a, b in pairs]
error = statistics.stdev(differences) / len(differences) ** 0.5
print(f"wrong login, CPU ms (median): known {statistics.median(known):.1f}, unknown {statistics.median(unknown):.1f}")
print(f"difference, CPU ms: {statistics.mean(differences):+.2f} with a standard error of {error:.2f} ({LOGINS} pairs)")
"""


def environment_in(folder: Path) -> dict[str, str]:
    """The environment of a project with an empty database and nothing that limits."""
    return {
        **os.environ,
        **NO_LIMITS,
        "APP_ENV": "development",
        "DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "LOG_LEVEL": "ERROR",
        "REDIS_URL": "memory://",
    }


@contextmanager
def serving(project: Path, environment: dict[str, str]) -> Iterator[int]:
    """Run the web process; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    settings = {**environment, "HOST": "127.0.0.1", "PORT": str(port)}
    command = [str(project / ".venv/bin/python"), "-m", "app.entrypoints", "web"]
    process = subprocess.Popen(command, cwd=project, env=settings)
    try:
        until = time.monotonic() + PATIENCE
        while not answers(port):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit("the server did not start")
            time.sleep(0.05)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


def answers(port: int) -> bool:
    """Whether it answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
            return True
    except (urllib.error.URLError, ConnectionError):
        return False


async def request(port: int, head: str, body: bytes = b"") -> tuple[int, float]:
    """Send a request over a connection of its own; its status, and the milliseconds that it took."""
    started = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    writer.write(f"{head} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n".encode())
    writer.write(body)
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1]), (time.perf_counter() - started) * 1000


async def flood(port: int, rate: int, seconds: float) -> tuple[list[float], Counter[int]]:
    """Send so many wrong logins a second, and ask for `/health` ten times a second meanwhile."""
    statuses: Counter[int] = Counter()
    tasks: set[asyncio.Task[None]] = set()

    async def log_in(number: int) -> None:
        body = json.dumps({"email": f"u{number}@example.com", "password": "a wrong password"})
        status, _ = await request(port, "POST /api/auth/login", body.encode())
        statuses[status] += 1

    async def watch() -> list[float]:
        found = []
        while time.perf_counter() < until:
            found.append((await request(port, "GET /health"))[1])
            await asyncio.sleep(0.1)
        return found

    begun = time.perf_counter()
    until = begun + seconds
    watching = asyncio.create_task(watch())
    for number in range(int(rate * seconds)):
        if (pause := begun + number / rate - time.perf_counter()) > 0:
            await asyncio.sleep(pause)
        task = asyncio.create_task(log_in(number))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    health = await watching
    await asyncio.gather(*tasks)
    return health, statuses


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=int, default=200)
    options = parser.parse_args()
    project: Path = options.project.resolve()
    with tempfile.TemporaryDirectory() as place:
        environment = environment_in(Path(place))
        python = project / ".venv/bin/python"
        subprocess.run([python, "-c", INSIDE], cwd=project, env=environment, check=True)
        with serving(project, environment) as port:
            health, statuses = asyncio.run(flood(port, options.rate, options.seconds))
    p50, p99 = statistics.median(health), statistics.quantiles(health, n=100)[98]
    print(f"{options.rate} wrong logins a second for {options.seconds:g} s: {dict(statuses)}")
    print(
        f"/health: p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {max(health):.0f} ms ({len(health)} requests)"
    )
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

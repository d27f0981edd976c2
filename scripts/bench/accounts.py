"""Measures the accounts of a generated project: tokens, logins of known and unknown users, a flood of wrong logins.

python scripts/bench/accounts.py --project DIR [--only tokens,logins,flood] [--rounds 3] [--seconds 60] [--rate 200]

With `--races 1000` it lets requests race instead: the project's own tests of sessions, so many times each, on SQLite
and, if the project has it, on PostgreSQL.

The project must have the service `auth` and be installed (`uv sync`). Everything stays on this machine, so the flood
takes its time from the server that it is to disturb; what `/health` takes right before it shows how busy the machine
is by itself. Times of the processor hold on a busy machine, others do not: take the quiet rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

PARTS = ("tokens", "logins", "flood")
PATIENCE = 90.0  # seconds until the server must answer
WARM_SECONDS = 10.0
KNOWN, UNKNOWN = "admin@example.com", "nobody@example.com"
RESAMPLES = 4000
NO_LIMITS = {
    "AUTH_LOGIN_LIMIT_PER_ADDRESS": "100000/second",
    "AUTH_LOGIN_LIMIT_PER_ACCOUNT": "100000/second",
}
TICKS = os.sysconf("SC_CLK_TCK")
RACING = "of_many_at_once or a_copy_ends or survives_signing_out"

PREPARE = """
import asyncio
from app.core.db.migrations import upgrade
from app.services.auth.seed import create_test_users

upgrade()
asyncio.run(create_test_users(1))
"""

TOKENS = """
import time
from datetime import timedelta
from uuid import uuid4
from app.core.security.tokens import create_access_token, decode_access_token

token = create_access_token(uuid4(), uuid4(), timedelta(minutes=5))
for _ in range(1_000):
    decode_access_token(token)
before = time.process_time()
for _ in range(20_000):
    decode_access_token(token)
print(20_000 / (time.process_time() - before))
"""

LOGINS = """
import asyncio, json, random, sys, time
from app.services.auth.errors import WrongLoginError
from app.services.auth.login import log_in
from app.services.auth.models import Client

async def wrong(email):
    before = time.process_time()
    try:
        await log_in(email, "a wrong password", Client("192.0.2.1", "bench"))
    except WrongLoginError:
        return (time.process_time() - before) * 1000
    raise SystemExit("it was let in")

async def main(emails, count):
    found = {email: [] for email in emails}
    for number in range(count + 2):
        for email in random.sample(emails, len(emails)):
            taken = await wrong(email)
            if number >= 2:  # the first ones load what the others have
                found[email].append(taken)
    print(json.dumps([found[email] for email in emails]))

asyncio.run(main(sys.argv[2:], int(sys.argv[1])))
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


def inside(project: Path, environment: dict[str, str], program: str, *arguments: str) -> str:
    """What a program of the project prints."""
    command = [str(project / ".venv/bin/python"), "-c", program, *arguments]
    return subprocess.run(
        command, cwd=project, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


@contextmanager
def serving(project: Path, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Run the web process; its port and its id."""
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
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


def cpu_of(pid: int) -> dict[str, float]:
    """CPU seconds so far: of the thread that answers, and of those that hash."""
    found = {"loop": 0.0, "hashing": 0.0}
    for thread in Path(f"/proc/{pid}/task").iterdir():
        fields = (thread / "stat").read_text().rpartition(")")[2].split()
        kind = "loop" if int(thread.name) == pid else "hashing"
        found[kind] += (int(fields[11]) + int(fields[12])) / TICKS
    return found


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


async def wrong_login(port: int, email: str) -> tuple[int, float]:
    """Send a wrong password."""
    body = json.dumps({"email": email, "password": "a wrong password"}).encode()
    return await request(port, "POST /api/auth/login", body)


async def alternate(port: int, pairs: int) -> list[list[float]]:
    """Wrong logins of a known and an unknown user, in random order; milliseconds of each."""
    found: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for number in range(pairs + 2):
        for email in random.sample([KNOWN, UNKNOWN], 2):
            status, taken = await wrong_login(port, email)
            if status != 401:
                raise SystemExit(f"a wrong login was answered with {status}")
            if number >= 2:
                found[email].append(taken)
    return [found[KNOWN], found[UNKNOWN]]


async def watch(port: int, seconds: float) -> list[float]:
    """Ask for `/health` ten times a second; milliseconds of each."""
    found = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        found.append((await request(port, "GET /health"))[1])
        await asyncio.sleep(0.1)
    return found


async def send_wrong_logins(port: int, rate: int, seconds: float) -> Counter[int]:
    """Send so many a second, half of them for an account that is there; how they were answered."""
    statuses: Counter[int] = Counter()
    tasks: set[asyncio.Task[None]] = set()

    async def send(number: int) -> None:
        status, _ = await wrong_login(port, KNOWN if number % 2 else f"u{number}@example.com")
        statuses[status] += 1

    begun = time.perf_counter()
    for number in range(int(rate * seconds)):
        if (pause := begun + number / rate - time.perf_counter()) > 0:
            await asyncio.sleep(pause)
        task = asyncio.create_task(send(number))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    return statuses


def flood(port: int, rate: int, seconds: float) -> Counter[int]:
    """The same, as a process of its own: what it is busy with must not count as the server's."""
    return asyncio.run(send_wrong_logins(port, rate, seconds))


def interval(known: Sequence[float], unknown: Sequence[float]) -> tuple[float, float]:
    """Where the difference of the medians lies, with 95 % (bootstrap over the pairs)."""
    pairs = list(zip(known, unknown, strict=True))
    differences = []
    for _ in range(RESAMPLES):
        some = random.choices(pairs, k=len(pairs))  # noqa: S311
        differences.append(
            statistics.median(a for a, _ in some) - statistics.median(b for _, b in some)
        )
    cuts = statistics.quantiles(differences, n=40)
    return cuts[0], cuts[-1]


def show_pairs(what: str, found: Sequence[Sequence[float]]) -> None:
    """Print medians, how they vary, and their difference."""
    known, unknown = found
    low, high = interval(known, unknown)
    difference = statistics.median(known) - statistics.median(unknown)
    spread = statistics.pstdev(known)
    verdict = "below the noise" if low <= 0 <= high else "MORE THAN THE NOISE"
    print(
        f"wrong login, {what} ms: known {statistics.median(known):.1f}, "
        f"unknown {statistics.median(unknown):.1f} (medians of {len(known)}, deviation {spread:.1f})\n"
        f"  difference {difference:+.2f}, with 95 % between {low:+.2f} and {high:+.2f}: {verdict}"
    )


def show_health(what: str, found: Sequence[float]) -> None:
    """Print how long `/health` took."""
    p99 = statistics.quantiles(found, n=100)[98]
    print(
        f"  /health {what}: p50 {statistics.median(found):.0f} ms, p99 {p99:.0f} ms, "
        f"longest {max(found):.0f} ms ({len(found)} requests)"
    )


def flooded(port: int, pid: int, rate: int, seconds: float) -> None:
    """Print what `/health` takes before and under a flood."""
    quiet = asyncio.run(watch(port, WARM_SECONDS))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        other.submit(os.getpid).result()
        before = cpu_of(pid)
        sent = other.submit(flood, port, rate, seconds)
        busy = asyncio.run(watch(port, seconds))
        statuses = dict(sent.result())
        used = {kind: seconds - before[kind] for kind, seconds in cpu_of(pid).items()}
    print(f"{rate} wrong logins a second for {seconds:g} s were answered with {statuses}")
    show_health("before ", quiet)
    show_health("meanwhile", busy)
    each = used["loop"] / (sum(statuses.values()) + len(busy)) * 1000
    print(
        f"  CPU: {each:.2f} ms a request for answering, {used['hashing']:.1f} s in all for hashing"
    )


def measure(project: Path, parts: Sequence[str], options: argparse.Namespace) -> None:
    """Print one round."""
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as place:
        environment = environment_in(Path(place))
        inside(project, environment, PREPARE)
        if "tokens" in parts:
            count = float(inside(project, environment, TOKENS))
            print(f"tokens verified per second of one core: {count:,.0f}")
        if "logins" in parts:
            said = inside(project, environment, LOGINS, str(options.pairs), KNOWN, UNKNOWN)
            show_pairs("CPU", json.loads(said))
        if not {"logins", "flood"}.isdisjoint(parts):
            with serving(project, environment) as (port, pid):
                if "logins" in parts:
                    show_pairs("wall", asyncio.run(alternate(port, options.pairs)))
                if "flood" in parts:
                    flooded(port, pid, options.rate, options.seconds)
    print(f"load of the machine: {os.getloadavg()[0]:.1f}", flush=True)


def race(project: Path, times: int) -> None:
    """Run the project's tests in which requests race."""
    databases = {"SQLite": ""}
    if (project / "tests/fixtures/postgres_server.py").exists():
        databases["PostgreSQL"] = "temporary"
    for name, url in databases.items():
        print(f"{times} races of each kind on {name}", flush=True)
        command = [str(project / ".venv/bin/python"), "-m", "pytest", "-q", "--durations=3"]
        environment = {**os.environ, "RACES": str(times), "TEST_DATABASE_URL": url}
        tests = ["tests/auth/test_sessions.py", "-k", RACING]
        subprocess.run([*command, *tests], cwd=project, env=environment, check=True)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--races", type=int, default=0)
    options = parser.parse_args()
    project: Path = options.project.resolve()
    if options.races:
        race(project, options.races)
        return
    parts = options.only.split(",")
    if unknown := set(parts) - set(PARTS):
        parser.error(f"--only takes {', '.join(PARTS)}, not {', '.join(sorted(unknown))}")
    for _ in range(options.rounds):
        measure(project, parts, options)


if __name__ == "__main__":
    main()

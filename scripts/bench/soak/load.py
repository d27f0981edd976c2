"""Clients of all kinds, which keep what they were answered."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .stack import EMAIL, PASSWORD, Stack

PATIENCE = 90.0
CUT = 0
"""In place of a status: the connection ended without an answer."""


@dataclass
class Ledger:
    """What was promised: numbers of rows and jobs that were accepted; and how everything was answered."""

    answers: dict[str, Counter[int]] = field(default_factory=dict)
    rows: set[int] = field(default_factory=set)
    jobs: set[int] = field(default_factory=set)
    slowest: dict[str, float] = field(default_factory=dict)
    metrics: Counter[str] = field(default_factory=Counter)

    def write(self, kind: str, status: int, seconds: float) -> None:
        """Write down an answer."""
        self.answers.setdefault(kind, Counter())[status] += 1
        self.slowest[kind] = max(self.slowest.get(kind, 0.0), seconds)


class Load:
    """Sends requests until it is over."""

    def __init__(self, stack: Stack, ledger: Ledger, seconds: float) -> None:
        self.stack = stack
        self.ledger = ledger
        self.until = time.monotonic() + seconds
        self.numbers: Iterator[int] = itertools.count(1)
        self.token = ""

    async def run(self) -> None:
        """All clients at once."""
        clients = [
            *(self.repeat(0.2, lambda: self.get("health", "/health")) for _ in range(4)),
            *(self.repeat(0.5, self.add_row) for _ in range(3)),
            *(self.repeat(0.5, self.enqueue) for _ in range(4)),
            *(self.repeat(0.5, lambda: self.get("me", "/api/auth/me")) for _ in range(2)),
            self.repeat(8.0, self.log_in),
            self.repeat(1.0, lambda: self.get("ready", "/health/ready")),
            self.repeat(1.0, lambda: self.get("missing", f"/nowhere/{next(self.numbers)}")),
            *(self.repeat(10.0, self.scraping(name)) for name in self.stack.metrics),
        ]
        await asyncio.gather(*clients)

    async def repeat(self, pause: float, send: Callable[[], object]) -> None:
        """One client."""
        while time.monotonic() < self.until:
            sent = send()
            if asyncio.iscoroutine(sent):
                await sent
            await asyncio.sleep(pause)

    async def ask(
        self, kind: str, head: str, body: bytes = b"", port: int | None = None
    ) -> tuple[int, bytes]:
        """Send a request over a connection of its own."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                status, answer = await request(port or self.stack.port, head, body, self.token)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            status, answer = CUT, b""
        self.ledger.write(kind, status, time.monotonic() - started)
        return status, answer

    async def get(self, kind: str, path: str) -> None:
        """Read something."""
        await self.ask(kind, f"GET {path}")

    async def add_row(self) -> None:
        """Have a row written."""
        number = next(self.numbers)
        status, _ = await self.ask("row", f"POST /soak/rows/{number}")
        if status == 201:
            self.ledger.rows.add(number)

    async def enqueue(self) -> None:
        """Have a job enqueued."""
        number = next(self.numbers)
        status, _ = await self.ask("job", f"POST /soak/jobs/{number}")
        if status == 202:
            self.ledger.jobs.add(number)

    async def log_in(self) -> None:
        """Sign in, and go on as whoever that is."""
        body = json.dumps({"email": EMAIL, "password": PASSWORD}).encode()
        status, answer = await self.ask("login", "POST /api/auth/login", body)
        if status == 200:
            self.token = json.loads(answer)["access_token"]

    def scraping(self, name: str) -> Callable[[], object]:
        """Ask a process for its metrics, as Prometheus does."""

        async def scrape() -> None:
            status, answer = await self.ask(
                "metrics", "GET /metrics", port=self.stack.metrics[name]
            )
            if status == 200 and b"process_resident_memory_bytes" in answer:
                self.ledger.metrics[name] += 1

        return scrape


async def request(port: int, head: str, body: bytes, token: str) -> tuple[int, bytes]:
    """Send it; the status and the body of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        lines = [f"{head} HTTP/1.1", "Host: localhost", "Connection: close"]
        lines += [f"Content-Length: {len(body)}", "Content-Type: application/json"]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        answer = await reader.read()
    finally:
        writer.close()
    first, _, rest = answer.partition(b"\r\n\r\n")
    return int(first.split(b" ", 2)[1]), rest

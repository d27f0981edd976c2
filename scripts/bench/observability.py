"""What watching requests costs, in a generated project that has `observability`.

In its folder: PYTHONPATH=. .venv/bin/python /path/of/scripts/bench/observability.py

Requests go through the whole application, without a server, in a process for each variant; times are those of the
processor, and the best of several rounds, for machines that are busy.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from importlib import import_module
from typing import Any

VARIANTS: dict[str, dict[str, str]] = {
    "off": {},
    "metrics": {"METRICS_PORT": "9464"},
    "traces, 10 %": {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
    "traces, all": {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "OTEL_TRACES_SAMPLER_ARG": "1",
    },
    "errors": {"SENTRY_DSN": "http://key@127.0.0.1:9/1"},
}
PATH = "/bench"
REQUESTS = 3000
ROUNDS = 7


async def microseconds() -> float:
    """Return what one request takes of the processor."""
    app = import_module("app.components.backend.main").create_app()

    async def route() -> dict[str, int]:
        return {"answer": 42}

    app.add_api_route(PATH, route)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message.get("status", 200) != 200:
            raise SystemExit(f"{PATH} answers {message['status']}")

    async def some() -> None:
        for _ in range(REQUESTS):
            await app({**scope, "state": {}}, receive, send)

    async with app.router.lifespan_context(app):
        found = []
        for _ in range(ROUNDS):
            started = time.process_time()
            # A context of its own, as a server gives each connection.
            await asyncio.create_task(some())
            found.append((time.process_time() - started) / REQUESTS * 1e6)
    return min(found)


def main() -> None:
    """Print a line for each variant, in turns: the machine is the same for all of them."""
    if sys.argv[1:] == ["one"]:
        print(asyncio.run(microseconds()))
        return
    taken: dict[str, list[float]] = {name: [] for name in VARIANTS}
    for _ in range(3):
        for name, settings in VARIANTS.items():
            environment = os.environ | settings | {"LOG_REQUESTS": "false", "LOG_LEVEL": "ERROR"}
            environment["DASHBOARD_ENABLED"] = "false"
            said = subprocess.run(
                [sys.executable, __file__, "one"],
                env=environment,
                check=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            ).stdout
            taken[name].append(float(said))
    off = min(taken["off"])
    for name, values in taken.items():
        best = min(values)
        more = f"{best - off:+7.1f} us  {best / off - 1:+6.1%}"
        print(f"{name:14} {best:7.1f} us  {more}  (+-{statistics.pstdev(values):.1f})")


if __name__ == "__main__":
    main()

"""Measures the assistant of a generated project: streams at once, against calling PydanticAI directly.

python scripts/bench/assistant.py --project DIR [--rounds 3] [--streams 200] [--tokens 200] [--rate 10]

The project must have the service `ai` and be installed (`uv sync`). A provider of the project's own tests (Chat
Completions) answers in a process of its own, `rate` tokens a second on each stream. Compared is the time of the
processor: what the web process takes from the first request to the last event, its reader being another process,
against a program that does nothing else than ask. In each round both are measured, in turning order.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCRIPTS = Path(__file__).resolve().parents[1]
if str(_SCRIPTS) not in sys.path:
    sys.path.insert(0, str(_SCRIPTS))

from bench.accounts import TICKS, serving  # noqa: E402

PROVIDER = """
import asyncio, sys
from tests.ai.dialects import DIALECTS
from tests.ai.standin import StandIn

class Paced(StandIn):
    async def _stream(self, frames, reply, reader, writer):
        writer.write(self._head(200, "text/event-stream", {"Transfer-Encoding": "chunked"}))
        for data in frames:
            writer.write(b"%x\\r\\n%s\\r\\n" % (len(data), data))
            await writer.drain()
            await asyncio.sleep(1 / rate)
        writer.write(b"0\\r\\n\\r\\n")

tokens, rate = int(sys.argv[1]), float(sys.argv[2])
dialect = next(d for d in DIALECTS if d.provider == "compatible")

async def main():
    async with Paced(dialect) as provider:
        provider.replies[0].pieces = tuple(f"{n} " for n in range(tokens))
        import json
        print(json.dumps(provider.settings), flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""

DIRECT = """
import asyncio, json, resource, sys
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

url, streams, expected = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
model = OpenAIChatModel("m", provider=OpenAICompatibleProvider("compatible", base_url=url, api_key="k"))
agent = Agent(model, instructions="You are a helpful assistant.")

async def one():
    found = 0
    async with agent.run_stream("Hello") as answer:
        async for piece in answer.stream_text(delta=True, debounce_by=None):
            found += piece.count(" ")
    assert found == expected, found

def now():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

async def main():
    await one()
    before = now()
    await asyncio.gather(*(one() for _ in range(streams)))
    print(now() - before)

asyncio.run(main())
"""


@contextmanager
def provider(project: Path, tokens: int, rate: float) -> Iterator[dict[str, str]]:
    """Run the provider; the settings that lead to it."""
    command = [str(project / ".venv/bin/python"), "-c", PROVIDER, str(tokens), str(rate)]
    process = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None  # noqa: S101  (a pipe)
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return float(int(fields[11]) + int(fields[12])) / TICKS


def memory_of(pid: int) -> int:
    """Bytes of memory that a process has had at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


async def stream(port: int) -> str:
    """Ask, and return the text of all events."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    body = json.dumps({"message": "Hello", "stream": True}).encode()
    writer.write(
        b"POST /api/ai/chat HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    raw = (await reader.read()).decode()
    writer.close()
    data = (line[6:] for line in raw.splitlines() if line.startswith("data: "))
    return "".join(found.get("text", "") for found in map(json.loads, data))


async def read(port: int, streams: int, expected: str) -> None:
    """Read so many streams at once, to their ends."""
    for text in await asyncio.gather(*(stream(port) for _ in range(streams))):
        if text != expected:
            raise SystemExit(f"a stream lost something: {text[-100:]!r}")


def through_the_application(
    project: Path, settings: dict[str, str], streams: int, expected: str
) -> float:
    """CPU seconds of the web process."""
    with tempfile.TemporaryDirectory() as place:
        environment = {
            **os.environ, **settings, "APP_ENV": "development", "LOG_LEVEL": "ERROR",
            "DATABASE_URL": f"sqlite:///{place}/bench.db", "AI_MAX_ANSWERS": str(streams),
        }  # fmt: skip
        with serving(project, environment) as (port, pid):
            asyncio.run(read(port, 1, expected))
            before, memory = cpu_of(pid), memory_of(pid)
            asyncio.run(read(port, streams, expected))
            more = (memory_of(pid) - memory) / 1e6
            print(f"  memory of the web process: {memory / 1e6:.0f} MB, {more:+.0f} MB meanwhile")
            return cpu_of(pid) - before


def directly(project: Path, settings: dict[str, str], streams: int, tokens: int) -> float:
    """CPU seconds of a program that only asks."""
    url = settings["COMPATIBLE_BASE_URL"]
    command = [str(project / ".venv/bin/python"), "-c", DIRECT, url, str(streams), str(tokens)]
    done = subprocess.run(command, cwd=project, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--rate", type=float, default=10.0)
    options = parser.parse_args()
    project: Path = options.project.resolve()
    expected = "".join(f"{number} " for number in range(options.tokens))
    ratios = []
    with provider(project, options.tokens, options.rate) as settings:
        for number in range(options.rounds):
            found = {}
            for who in ("ours", "direct")[:: 1 if number % 2 else -1]:
                found[who] = (
                    through_the_application(project, settings, options.streams, expected)
                    if who == "ours"
                    else directly(project, settings, options.streams, options.tokens)
                )
            each = {
                who: used / options.streams / options.tokens * 1e6 for who, used in found.items()
            }
            ratios.append(found["ours"] / found["direct"])
            print(
                f"{options.streams} streams of {options.tokens} tokens, {options.rate:g} a second each:"
                f" {each['ours']:.0f} us a token, directly {each['direct']:.0f}: x{ratios[-1]:.2f}",
                flush=True,
            )
    print(f"median of {len(ratios)} rounds: x{statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()

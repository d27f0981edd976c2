"""A generated project in containers, and what the tests ask of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.containers.engine import Engine
from tests.support import uv

TOKEN = "correct-horse-battery-staple"
PATIENCE = 180.0  # seconds until something must have happened; CI machines are slow

ASK = """
import ssl, sys, urllib.error, urllib.request
request = urllib.request.Request(sys.argv[1], sys.argv[2].encode() or None, {"Content-Type": "application/json"})
if sys.argv[3]:
    request.add_header("Authorization", f"Bearer {sys.argv[3]}")
try:
    # A certificate of the proxy's own is as good as any.
    answer = urllib.request.urlopen(request, timeout=60, context=ssl._create_unverified_context())
except urllib.error.HTTPError as error:
    answer = error
except OSError as error:
    sys.exit(f"no answer: {error}")
print(answer.status)
print(answer.read().decode())
"""

LOAD = """
import collections, json, ssl, sys, threading, time, urllib.error, urllib.request
context = ssl._create_unverified_context()
told = threading.Event()
end = time.monotonic() + float(sys.argv[2])

def ask():
    try:
        return str(urllib.request.urlopen(sys.argv[1], timeout=60, context=context).status)
    except urllib.error.HTTPError as error:
        return str(error.code)
    except OSError as error:
        return f"no answer: {error}"

def load(said):
    while not told.is_set() and time.monotonic() < end:
        said[ask()] += 1
        time.sleep(0.02)

counts = [collections.Counter() for _ in range(4)]
threads = [threading.Thread(target=load, args=(said,)) for said in counts]
for thread in threads:
    thread.start()
sys.stdin.read()
told.set()
for thread in threads:
    thread.join()
print(json.dumps(sum(counts, collections.Counter())))
"""

# What a browser does: it signs in where it comes first, then it looks at the page and opens the connection.
BROWSE = """
import http.client, os, base64, ssl, sys, urllib.parse

def ask(root, method, path, body=None, **headers):
    url = urllib.parse.urlsplit(root)
    if url.scheme == "https":
        at = http.client.HTTPSConnection(url.netloc, timeout=60, context=ssl._create_unverified_context())
    else:
        at = http.client.HTTPConnection(url.netloc, timeout=60)
    at.request(method, f"/dashboard/{path}", body, {"Origin": root, **headers})
    return at.getresponse()

token, *roots = sys.argv[1:]
signed_in = ask(roots[0], "POST", "login", urllib.parse.urlencode({"token": token}))
cookie = {"Cookie": signed_in.getheader("Set-Cookie", "").partition(";")[0]}
key = base64.b64encode(os.urandom(16)).decode()
upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}
print(signed_in.status)
for root in roots:
    print(ask(root, "GET", "", **cookie).status, ask(root, "GET", "ws", **cookie, **upgrade).status)
"""

TASK = '''"""A task of the tests: it says on the shared volume when it begins and ends."""

import asyncio
from pathlib import Path
from typing import Any

from app.core.constants import DATA

PLACE = DATA / "marks"


async def mark(ctx: dict[str, Any], number: int, *, waits: bool) -> None:
    """Take a second, or until the tests let it go."""
    PLACE.mkdir(exist_ok=True)
    write(PLACE / "begun", number)
    await asyncio.sleep(1)
    while waits and not (PLACE / "go").exists():
        await asyncio.sleep(0.05)
    write(PLACE / "ended", number)


def write(path: Path, number: int) -> None:
    """Add a line in one piece."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{number}\\n")
'''

PAGE = '''"""Pages of the tests."""

import asyncio

from fastapi import APIRouter

from app.core.constants import DATA

router = APIRouter()


@router.get("/greeting")
async def greet() -> str:
    """Greet."""
    return "hello"


@router.get("/slow")
async def be_slow() -> str:
    """Say on the shared volume that somebody asks, and take some seconds."""
    with (DATA / "asked").open("a") as file:
        file.write("asked\\n")
    await asyncio.sleep(5)
    return "whole"
'''

ENQUEUE = """
import asyncio, sys
from app.core.resources import open_shared_resources
from app.components.worker.pools import get_queue_pool

async def main(first, last, waits):
    async with open_shared_resources():
        pool, _ = await get_queue_pool("system")
        for number in range(first, last):
            assert await pool.enqueue_job("mark", number, waits=waits, _job_id=f"mark:{number}")

asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "waits"))
"""


class Containers:
    """A project, and the containers of its Compose file.

    Args:
        engine: What runs them.
        name: The project's, and its command's.
        components: What it is made of.
        port: Where its web process is published.
    """

    def __init__(self, engine: Engine, name: str, components: str, port: int) -> None:
        self.engine = engine
        self.name = name
        self.components = components
        self.port = port
        self.root = engine.root / "projects" / name
        self.folder = f"/projects/{name}"

    def generate(self) -> None:
        """Let aegis make it, as its user would whose files nobody else may read."""
        self.root.parent.mkdir(exist_ok=True)
        words = ["--components", self.components] if self.components else []
        done = subprocess.run(
            [sys.executable, "-m", "aegis_cli", "init", self.name, *words, "-y"],
            cwd=self.root.parent, env={**os.environ, "UV_CACHE_DIR": uv.CACHE},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, umask=0o077,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def set(self, **values: str) -> None:
        """Write `.env`."""
        lines = {"PORT": str(self.port), "DEV_PORT": str(self.port + 1), **values}
        text = "".join(f"{name}={value}\n" for name, value in lines.items())
        (self.root / ".env").write_text(text)

    def compose(self, *words: str, check: bool = True) -> str:
        """Run `docker compose`; return all that it prints."""
        return self.engine.run("docker", "compose", *words, folder=self.folder, check=check)

    def up(self, *words: str) -> float:
        """Start everything; return how many seconds passed until all were healthy."""
        begun = time.monotonic()
        self.compose("up", "--detach", "--wait", *words)
        return time.monotonic() - begun

    def inside(self, service: str, *command: str, check: bool = True) -> str:
        """Run a command in a service's container."""
        return self.compose("exec", "-T", service, *command, check=check)

    def command(self, *words: str) -> str:
        """Run the application's command in the web container."""
        return self.inside("web", self.name, *words)

    def ask(
        self, path: str, body: str = "", port: int | None = None, token: str = ""
    ) -> tuple[int, str]:
        """Return status and text of what the web process answers; status 0: nobody does."""
        url = path if "://" in path else f"http://127.0.0.1:{port or self.port}{path}"
        done = subprocess.run(
            self.engine.beside(sys.executable, "-c", ASK, url, body, token),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            return 0, done.stderr.strip()
        status, _, text = done.stdout.partition("\n")
        return int(status), text

    def asking(self, path: str) -> subprocess.Popen[str]:
        """Ask, and do not wait for the answer."""
        url = path if "://" in path else f"http://127.0.0.1:{self.port}{path}"
        return subprocess.Popen(
            self.engine.beside(sys.executable, "-c", ASK, url, "", ""),
            stdout=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def asked_all_along(self, url: str) -> Iterator[Counter[str]]:
        """Ask again and again while the block runs; after it, how often there was which status."""
        said: Counter[str] = Counter()
        process = subprocess.Popen(
            self.engine.beside(sys.executable, "-c", LOAD, url, str(4 * PATIENCE)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            yield said
        finally:
            said.update(json.loads(process.communicate()[0]))

    def browse(self, *roots: str) -> list[str]:
        """Sign in to the dashboard at the first address; the statuses of that, and of page and connection at each."""
        words = self.engine.beside(sys.executable, "-c", BROWSE, TOKEN, *roots)
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()

    def figures(self, at: str) -> dict[str, Any]:
        """Return what the web process at an address knows of all of them."""
        status, text = self.ask(f"{at}/health/detailed", token=TOKEN)
        assert status == 200, text
        found: dict[str, Any] = json.loads(text)["components"]["backend"]["details"]
        return found

    def is_ready(self) -> bool:
        """Whether the web process says that it is."""
        status, text = self.ask("/health/ready")
        return status == 200 and json.loads(text)["ready"] is True

    def states(self) -> dict[str, Mapping[str, Any]]:
        """Return what the engine knows of each container, stopped ones as well."""
        ids = self.compose("ps", "--all", "--quiet").split()
        found = json.loads(self.engine.run("docker", "inspect", *ids)) if ids else []
        return {one["Name"].strip("/").removeprefix(f"{self.name}-"): one for one in found}

    def are_healthy(self) -> bool:
        """Whether all containers are; of the proxy is known whether it runs."""
        states = {name: one["State"] for name, one in self.states().items()}
        return all(
            state["Running"] and (name == "proxy-1" or state["Health"]["Status"] == "healthy")
            for name, state in states.items()
        )

    def queues(self) -> dict[str, dict[str, Any]]:
        """Return what is said of each queue."""
        return {one["name"]: one for one in json.loads(self.command("worker", "queues", "--json"))}

    def sql(self, statement: str) -> list[str]:
        """Return the lines that PostgreSQL answers."""
        words = ("psql", "--username=app", "--dbname=app", "--quiet", "--tuples-only", "--no-align")
        return self.inside("postgres", *words, "--command", statement).split()

    def add_task(self) -> None:
        """Give the queue `system` a task of the tests."""
        package = self.root / "app/components/worker"
        (package / "tasks/mark.py").write_text(TASK)
        queue = package / "queues/system.py"
        text = queue.read_text().replace(
            "# Your functions", "func(mark),\n        # Your functions"
        )
        first = "from app.components.worker.tasks.report_health"
        queue.write_text(
            text.replace(first, f"from app.components.worker.tasks.mark import mark\n{first}")
        )

    def add_pages(self) -> None:
        """Give the API pages of the tests."""
        routing = self.root / "app/components/backend/api/routing.py"
        routing.with_name("pages.py").write_text(PAGE)
        lines = (
            "from app.components.backend.api.pages import router\n\n    app.include_router(router)"
        )
        routing.write_text(
            routing.read_text().replace("# Your routers", f"{lines}\n    # Your routers")
        )

    def enqueue(self, first: int, last: int, *, waits: bool) -> None:
        """Enqueue jobs of that task."""
        numbers = (str(first), str(last), "waits" if waits else "ends")
        self.inside("web", "python", "-c", ENQUEUE, *numbers)

    def marks(self, what: str) -> Counter[int]:
        """Return how often each of those jobs has begun, or ended."""
        said = self.inside("web", "sh", "-c", f"cat data/marks/{what} 2> /dev/null || true")
        return Counter(map(int, said.split()))

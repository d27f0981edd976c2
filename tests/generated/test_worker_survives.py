"""A generated project's workers on a real Redis: crashes of either lose no job, and none is done twice for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aegis_cli.operations.create import Request, create
from tests.support.application import eventually, get, run, served
from tests.support.project import seal
from tests.support.redis_server import RedisServer
from tests.support.reporter import Silent

pytestmark = pytest.mark.skipif(not RedisServer.is_installed(), reason="needs redis-server")

PATIENCE = 180.0  # seconds until something must have happened; CI machines are slow

# What it does is in a file, which no crash of Redis can take back.
TASK = '''"""A task of the tests."""

import asyncio
import os
from pathlib import Path
from typing import Any


async def mark(ctx: dict[str, Any], number: int, seconds: float) -> None:
    """Write down the begin and the end of a job."""
    place = Path(os.environ["MARKS"])
    write(place / "begun", f"{number} {os.getpid()}")
    await asyncio.sleep(seconds)
    while (place / "hold").exists():
        await asyncio.sleep(0.05)
    write(place / "ended", f"{number} {os.getpid()}")


def write(path: Path, line: str) -> None:
    """Add a line in one piece."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\\n")
'''

ENQUEUE = """
import asyncio, sys
from app.core.resources import open_shared_resources
from app.components.worker.pools import get_queue_pool

async def main(first, last, seconds):
    async with open_shared_resources():
        pool, _ = await get_queue_pool("system")
        for number in range(first, last):
            assert await pool.enqueue_job("mark", number, seconds, _job_id=f"mark:{number}")

asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
"""


class Project:
    """The project, its Redis, and what its jobs have written."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = root
        self.folder = folder
        self.redis = RedisServer(folder / "redis")
        self.environment = {
            **os.environ,
            "REDIS_URL": self.redis.url,
            "MARKS": str(folder),
            "WORKER_HEARTBEAT_SECONDS": "0.2",
            "LOG_LEVEL": "WARNING",
        }

    def enqueue(self, first: int, last: int, seconds: float) -> None:
        """Enqueue jobs."""
        self.python("-c", ENQUEUE, str(first), str(last), str(seconds))

    def python(self, *arguments: str) -> str:
        """Run the project's Python."""
        found = subprocess.run(
            [self.root / ".venv/bin/python", *arguments], cwd=self.root, env=self.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert found.returncode == 0, found.stderr
        return found.stdout

    @contextmanager
    def process(self, name: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run one process of the project."""
        process = subprocess.Popen(
            [self.root / ".venv/bin/python", "-m", "app.entrypoints", name],
            cwd=self.root, env=self.environment | environment,
        )  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(timeout=PATIENCE)

    def marks(self, what: str) -> Counter[int]:
        """Return how often each job has begun, or ended."""
        return Counter(int(line.split()[0]) for line in self.lines(what))

    def lines(self, what: str) -> list[str]:
        """Return what the jobs have written."""
        path = self.folder / what
        return path.read_text().splitlines() if path.exists() else []

    def totals(self) -> dict[str, int]:
        """Return what the workers have counted."""
        words = self.redis.ask("hgetall", "worker:totals:system").split()
        return {name: int(count) for name, count in zip(words[::2], words[1::2], strict=True)}

    def is_empty(self) -> bool:
        """Whether the queue is."""
        return self.redis.ask("zcard", "arq:queue:system") == "0"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Generate and install the project, with a task of its own, once."""
    place = tmp_path_factory.mktemp("worker")
    (place / "home").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        seal(place / "home", patch)
        found = create(Request("my-app", place, components=("worker",)), Silent()).root
        run(found, "uv", "sync", "--quiet")
        (found / "app/components/worker/tasks/mark.py").write_text(TASK)
        settings = found / "app/components/worker/queues/system.py"
        text = settings.read_text()
        text = text.replace("# Your functions", "func(mark),\n        # Your functions")
        first = "from app.components.worker.tasks.report_health"
        text = text.replace(first, f"from app.components.worker.tasks.mark import mark\n{first}")
        settings.write_text(text)
        yield found


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Iterator[Project]:
    """The project, with a Redis of this test."""
    project = Project(root, tmp_path)
    project.redis.start()
    yield project
    project.redis.kill()


def worker_state(address: str) -> str:
    """Return what health says of the workers."""
    found = get(f"{address}/health/detailed")["components"]
    assert isinstance(found, dict)
    return str(found["worker"]["state"])


def start_load_test(address: str, jobs: int) -> str:
    """Start a load test by the API, and return its id."""
    body = json.dumps({"jobs": jobs}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/api/load-test", body, headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  (localhost)
        return str(json.load(answer)["id"])


def test_redis_crashes_under_load(project: Project) -> None:
    """Health says so, web and worker recover by themselves, every job is done, and none twice."""
    environment = {name: project.environment[name] for name in ("REDIS_URL", "MARKS", "LOG_LEVEL")}
    quick = {"WORKER_HEARTBEAT_SECONDS": "0.2", "HEALTH_TIMEOUT_SECONDS": "0.5"}
    # A job that was fetched as Redis died, and had not begun, is fetched again 15 seconds after this time.
    quick["WORKER_JOB_TIMEOUT_SECONDS"] = "8"
    with served(project.root, **environment, **quick) as address:
        eventually(lambda: worker_state(address) == "healthy", "workers are up")
        project.enqueue(0, 300, 0.1)
        eventually(lambda: len(project.marks("ended")) >= 60, "jobs are done")
        project.redis.kill()
        running = len(project.marks("begun"))
        eventually(lambda: worker_state(address) == "unhealthy", "health tells that Redis is gone")
        # What was running goes on without Redis.
        eventually(lambda: len(project.marks("ended")) >= running, "running jobs end")
        assert get(f"{address}/health")["healthy"] is True
        project.redis.start()
        eventually(lambda: worker_state(address) == "healthy", "web and workers recover")
        eventually(project.is_empty, "the queue is worked off")
        test = start_load_test(address, 5)
        eventually(
            lambda: get(f"{address}/api/load-test/{test}")["is_finished"] is True,
            "the web process enqueues again",
        )
    every = Counter(dict.fromkeys(range(300), 1))
    assert project.marks("ended") == every
    assert project.marks("begun") == every
    assert project.totals()["done"] == 300


def test_a_worker_is_killed_in_the_middle_of_its_jobs(project: Project) -> None:
    """Another one runs them again, soon, and counts it."""
    project.enqueue(0, 5, 6.0)
    # They run again 15 seconds after the longest time that a job of the queue may take.
    limit = {"WORKER_JOB_TIMEOUT_SECONDS": "12"}
    with project.process("worker-system", **limit) as first:
        eventually(lambda: len(project.marks("begun")) == 5, "jobs run")
        first.kill()
        first.wait()
    with project.process("worker-system", **limit):
        eventually(project.is_empty, "they are run again")
    assert project.marks("ended") == Counter(dict.fromkeys(range(5), 1))
    assert project.marks("begun") == Counter(dict.fromkeys(range(5), 2))
    assert project.totals() == {"done": 5, "repeated": 5}


def test_two_workers_share_a_queue(project: Project) -> None:
    """Each does a part, and no job is done twice."""
    with (
        project.process("worker-system", WORKER_MAX_JOBS="50"),
        project.process("worker-system", WORKER_MAX_JOBS="50"),
    ):
        eventually(lambda: project.redis.ask("scard", "worker:alive:system") == "2", "both work")
        # The first hundred wait for each other, so that neither worker is too late for its part.
        hold = project.folder / "hold"
        hold.touch()
        project.enqueue(0, 100, 0.02)
        eventually(lambda: len(project.marks("begun")) == 100, "both have all that they can do")
        hold.unlink()
        project.enqueue(100, 400, 0.02)
        eventually(project.is_empty, "the queue is worked off")
    assert project.marks("ended") == Counter(dict.fromkeys(range(400), 1))
    assert project.marks("begun") == Counter(dict.fromkeys(range(400), 1))
    shares = Counter(line.split()[1] for line in project.lines("ended"))
    assert len(shares) == 2
    assert min(shares.values()) >= 50
    assert project.redis.ask("scard", "worker:alive:system") == "0"


def test_a_worker_is_told_to_stop_in_the_middle_of_its_jobs(project: Project) -> None:
    """What can end does; what cannot goes back into the queue and runs again at once."""
    project.enqueue(0, 3, 1.0)
    project.enqueue(3, 6, 300.0)
    with project.process("worker-system", WORKER_STOP_SECONDS="6") as worker:
        eventually(lambda: len(project.marks("begun")) == 6, "jobs run")
        worker.send_signal(signal.SIGTERM)
        # Sooner than those would end that cannot.
        assert worker.wait(timeout=PATIENCE) == 0
    assert set(project.marks("ended")) == {0, 1, 2}
    assert project.redis.ask("zcard", "arq:queue:system") == "3"
    assert project.redis.ask("keys", "arq:in-progress:*") == ""
    with project.process("worker-system", WORKER_STOP_SECONDS="0"):
        eventually(lambda: sum(project.marks("begun").values()) == 9, "they run again")
    assert project.totals() == {"done": 3, "repeated": 3}


def test_without_any_redis_the_jobs_run_in_the_web_process(root: Path, tmp_path: Path) -> None:
    """`make serve` on a machine with nothing but the tools that it needs."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "make", "uv", "env"):
        found = subprocess.run(["which", name], capture_output=True, text=True, check=True)
        (tools / name).symlink_to(found.stdout.strip())
    with served(root, PATH=str(tools), MARKS=str(tmp_path)) as address:
        eventually(lambda: worker_state(address) == "healthy", "the queues are served")
        test = start_load_test(address, 50)
        eventually(
            lambda: get(f"{address}/api/load-test/{test}")["is_finished"] is True, "jobs are done"
        )
    log = root.with_name(f"{root.name}.serve.log").read_text()
    assert "redis-server is not installed" in log
    assert "queues_run_in_this_process" in log
    assert "worker-system" not in log


def test_serve_brings_a_redis_that_commands_find(root: Path) -> None:
    """Without a Redis that answers, `make serve` starts one: workers, web and commands share it."""
    address_of_nobody = "redis://127.0.0.1:1/0"
    with served(root, REDIS_URL=address_of_nobody) as address:
        eventually(lambda: worker_state(address) == "healthy", "the workers are up")
        found = run(
            root, "uv", "run", "my-app", "worker", "queues", "--json", REDIS_URL=address_of_nobody
        )
        assert [len(queue["workers"]) for queue in json.loads(found)] == [1, 1]
        url = (root / "data/redis/url").read_text()
    assert not Path(url.removeprefix("unix://").partition("?")[0]).exists()
    assert not (root / "data/redis/url").exists()

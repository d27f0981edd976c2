"""Two schedulers by mistake, and one that is killed: each run happens once, and the other one takes over."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aegis_cli.operations.create import Request, create
from tests.support.application import run
from tests.support.reporter import Silent

PATIENCE = 180.0
JOB = '''"""A job that leaves a line with its process."""

import os
from pathlib import Path


def leave_a_line() -> None:
    """Append in one write."""
    with Path("data/lines.txt").open("a") as file:
        file.write(f"{os.getpid()}\\n")
'''
REGISTERED = """    # Your jobs
    from app.components.jobs.lines import leave_a_line

    scheduler.add_job(leave_a_line, "cron", second="*", id="lines")
"""


@pytest.mark.parametrize("components", [("scheduler",), ("scheduler", "database")], ids="+".join)
def test_every_run_happens_once_and_a_killed_one_is_replaced(
    components: tuple[str, ...], tmp_path: Path
) -> None:
    """Whether the right to run is a lock on a file or in the database."""
    root = create(Request("my-app", tmp_path, components=components), Silent()).root
    (root / "app/components/jobs/lines.py").write_text(JOB)
    mine = root / "app/components/scheduler.py"
    mine.write_text(mine.read_text().replace("    # Your jobs\n", REGISTERED))
    run(root, "uv", "sync", "--quiet")
    if "database" in components:
        run(root, "make", "migrate")
    with scheduler(root) as first, scheduler(root) as second:
        await_that(lambda: len(lines(root)) >= 4)
        [runner] = set(lines(root))
        assert runner in (first.pid, second.pid), "one of the two runs everything"
        os.kill(runner, signal.SIGKILL)
        heir = second.pid if runner == first.pid else first.pid
        await_that(lambda: lines(root).count(heir) >= 3)
    said = run(root, "uv", "run", "my-app", "scheduler", "history", "lines", "-n", "999", "--json")
    times = [found["scheduled_at"] for found in json.loads(said)]
    assert len(times) >= 6
    assert len(set(times)) == len(times), "no run happens twice"


@contextmanager
def scheduler(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a scheduler's process."""
    process = subprocess.Popen(
        [root / ".venv/bin/python", "-m", "app.entrypoints", "scheduler"],
        cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def lines(root: Path) -> list[int]:
    """Return the process of each run."""
    file = root / "data/lines.txt"
    return [int(pid) for pid in file.read_text().split()] if file.exists() else []


def await_that(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)

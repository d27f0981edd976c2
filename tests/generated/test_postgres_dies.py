"""PostgreSQL dies under load, and comes back: the generated application says so, and recovers by itself."""

from __future__ import annotations

import json
import shutil
import statistics
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from aegis_cli.operations.create import Request, create
from tests.support.application import get, run, served
from tests.support.postgres_server import PostgresServer, postgres_server
from tests.support.reporter import Silent

PATIENCE = 180.0
CLIENTS = 4

MODEL = '''"""Ticks."""

from sqlmodel import Field, SQLModel


class Tick(SQLModel, table=True):
    """Who was there."""

    id: int | None = Field(default=None, primary_key=True)
    source: str
'''
SERVICE = '''"""Writes ticks."""

import os

from app.core.db import db_session
from app.models.tick import Tick


def add_tick(source: str) -> None:
    """Write one."""
    with db_session() as session:
        session.add(Tick(source=source))


def tick() -> None:
    """A job."""
    add_tick(os.environ["HOST_NAME"])
'''
ROUTE = '''"""Ticks."""

from fastapi import APIRouter

from app.components.backend.api.session import AsyncSessionDep, SessionDep
from app.models.tick import Tick

router = APIRouter(prefix="/ticks")


@router.post("/threads")
def add(session: SessionDep) -> None:
    """Add one from a thread."""
    session.add(Tick(source="web"))


@router.post("/coroutines")
async def add_async(session: AsyncSessionDep) -> None:
    """Add one from a coroutine."""
    session.add(Tick(source="web"))
'''


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, f"{path} has no {old!r}"
    path.write_text(text.replace(old, new, 1))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An application that writes into its database, by its API and by a job of every second."""
    place = tmp_path_factory.mktemp("project")
    stack = ("database", "postgres", "scheduler")
    root = create(Request("my-app", place, components=stack), Silent()).root
    (root / "app/models/tick.py").write_text(MODEL)
    edit(
        root / "app/models/__init__.py",
        "    # Your models",
        "    from app.models import tick\n\n    loaded.append(tick)\n    # Your models",
    )
    (root / "app/services/ticks.py").write_text(SERVICE)
    (root / "app/components/backend/api/ticks.py").write_text(ROUTE)
    edit(
        root / "app/components/backend/api/routing.py",
        "    # Your routers",
        "    from app.components.backend.api.ticks import router\n\n    app.include_router(router)\n    # Your routers",
    )
    edit(
        root / "app/components/scheduler.py",
        "    # Your jobs",
        "    from app.services.ticks import tick\n\n"
        '    scheduler.add_job(tick, "interval", seconds=1, id="tick")\n    # Your jobs',
    )
    run(root, "uv", "sync", "--quiet")
    run(root, "make", "migrate")
    run(root, "make", "migration", "m=add ticks")
    return root


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


class Load:
    """Clients that send requests one after the other, and count what is answered."""

    def __init__(self, address: str) -> None:
        self.answers: Counter[int] = Counter()
        self._address = address
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._send, args=(path,))
            for path in ("/ticks/threads", "/ticks/coroutines")
            for _ in range(CLIENTS // 2)
        ]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self, path: str) -> None:
        while not self._stop.is_set():
            self.answers[post(self._address + path)] += 1


def post(url: str) -> int:
    """Return the status that is answered."""
    request = urllib.request.Request(url, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def ask(url: str) -> tuple[int, dict[str, object]]:
    """Return the status and the JSON that are answered."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310
            return int(answer.status), json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def detailed(address: str) -> tuple[float, dict[str, object]]:
    """Return how long the health of the database took to be told, and what it is."""
    started = time.monotonic()
    status, found = ask(f"{address}/health/detailed")
    assert status in (200, 503)
    components = found["components"]
    assert isinstance(components, dict)
    return time.monotonic() - started, components["database"]


def quickest(ask: Callable[[], tuple[float, dict[str, object]]]) -> tuple[float, dict[str, object]]:
    """Ask until the answer is there in time, but not for ever: a busy machine can hold up any single one."""
    for _ in range(5):
        took, found = ask()
        if took < 3:
            break
        # What has just been found out is told again for a second.
        time.sleep(1.5)
    return took, found


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"it has not happened: {what}"
        time.sleep(0.1)


def is_ready(address: str) -> bool:
    """Return whether all that it needs is there."""
    status, found = ask(f"{address}/health/ready")
    assert (status, found["ready"]) in ((200, True), (503, False))
    return status == 200


@contextmanager
def hosts(project: Path, url: str, count: int) -> Iterator[list[str]]:
    """Run the application on so many hosts: copies that share nothing but the database."""
    with ExitStack() as stack:
        addresses = []
        for number in range(count):
            root = project
            if number:
                root = project.with_name(f"{project.name}-{number}")
                if not root.exists():
                    shutil.copytree(project, root, symlinks=True)
            values = {"DATABASE_URL": url, "HOST_NAME": f"host-{number}"}
            addresses.append(
                stack.enter_context(served(root, SCHEDULER_HEARTBEAT_SECONDS="0.5", **values))
            )
        yield addresses


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_the_server_dies_under_load_and_comes_back(
    how: str, project: Path, server: PostgresServer
) -> None:
    """Health tells why, requests get a 503, and web and scheduler go on without a restart."""
    url = server.create(f"dies_{how}")

    def ticks(source: str = "host-0") -> int:
        query = f"SELECT count(*) FROM tick WHERE source = '{source}'"  # noqa: S608
        return int(server.execute(query, f"dies_{how}"))

    with hosts(project, url, 1) as [address], Load(address) as load:
        wait_until(lambda: is_ready(address), "ready")
        wait_until(lambda: load.answers[200] > 100 and ticks() > 0, "work is done")
        assert set(load.answers) == {200}
        getattr(server, how)()
        try:
            wait_until(lambda: not is_ready(address), "not ready")
            took, database = quickest(lambda: detailed(address))
            assert took < 3
            assert database["state"] == "unhealthy"
            assert "does not answer" in str(database["message"])
            assert "not-asked-for" not in str(database["message"])
            assert get(f"{address}/health") == {"healthy": True}
            before = load.answers[503]
            wait_until(lambda: load.answers[503] > before + 20, "requests are refused")
        finally:
            server.start()
        wait_until(lambda: is_ready(address), "ready again")
        done, refused, ticked = load.answers[200], load.answers[503], ticks()
        wait_until(lambda: load.answers[200] > done + 100, "work is done again")
        wait_until(lambda: ticks() > ticked + 2, "jobs run again")
        assert load.answers[503] <= refused + CLIENTS
        # Whoever is cut off in the middle of its commit cannot know; nobody gets anything else.
        assert set(load.answers) == {200, 503}
    log = project.with_name(f"{project.name}.serve.log").read_text()
    assert "starting again" not in log
    assert ticks("web") >= load.answers[200]


def test_a_server_that_hangs_is_told_in_time(project: Path, server: PostgresServer) -> None:
    """Connections stay open and nobody answers: health does, and all goes on when the server does."""
    with hosts(project, server.create("hangs"), 1) as [address]:
        wait_until(lambda: is_ready(address), "ready")
        with server.frozen():
            wait_until(lambda: not is_ready(address), "not ready")
            times = []
            for _ in range(20):  # more than there are threads
                took, database = detailed(address)
                times.append(took)
                assert database["state"] == "unhealthy"
                assert get(f"{address}/health") == {"healthy": True}
            # At the end as at the beginning; a busy machine may hold up one of them.
            assert statistics.median(times[10:]) < 4
        wait_until(lambda: is_ready(address), "ready again")
        assert post(f"{address}/ticks/threads") == 200


def test_of_two_hosts_one_runs_the_jobs(project: Path, server: PostgresServer) -> None:
    """Also when the server dies, and with it the lock that says which one."""
    url = server.create("shared")

    def runs() -> list[tuple[int, str]]:
        found = server.execute("SELECT id, source FROM tick ORDER BY id", "shared")
        return [(int(i), s) for i, s in (line.split("|") for line in found.splitlines())]

    def at_once() -> int:
        """How often a job ran more than once for one time at which it was due."""
        query = (
            "SELECT count(*) - count(DISTINCT scheduled_at) FROM scheduler_run WHERE job = 'tick'"
        )
        return int(server.execute(query, "shared"))

    with hosts(project, url, 2) as addresses:
        for address in addresses:
            wait_until(lambda address=address: is_ready(address), "ready")
        wait_until(lambda: len(runs()) > 3, "jobs run")
        for _ in range(2):
            server.kill()
            wait_until(lambda: not is_ready(addresses[0]), "not ready")
            server.start()
            before = len(runs())
            wait_until(lambda before=before: len(runs()) > before + 3, "jobs run again")
            assert len({source for _, source in runs()[-3:]}) == 1
        assert at_once() == 0

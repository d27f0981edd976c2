"""`WEB_WORKERS`: several web processes share a port, for whoever asks as if they were one."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from tests.e2e.server import START_SECONDS, STOP_SECONDS, Server

WORKERS = 2


class Several(Server):
    """Several of them behind one port."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            WEB_WORKERS=str(WORKERS),
            WEB_DRAIN_SECONDS="600",
            LOG_FORMAT="json",
            HEARTBEAT_DIR=str(folder / "heartbeats"),
            FIGURES_DIR=str(folder / "figures"),
            TMPDIR=str(folder / "tmp"),
        )
        self.command = [self.command[0], "-m", "app.entrypoints", "web"]
        self.logs = folder / "logs"

    def lines(self, event: str) -> list[dict[str, Any]]:
        """What they have logged: each line is JSON, whoever says it."""
        text = self.logs.read_text(encoding="utf-8")
        # The last one may not be whole yet.
        lines = map(json.loads, text[: text.rfind("\n") + 1].splitlines())
        return [line for line in lines if line["event"] == event]

    def children(self) -> list[psutil.Process]:
        """Those that serve."""
        return psutil.Process(self.process.pid).children() if self.process is not None else []

    def ask(self, path: str) -> httpx2.Response:
        """A new connection each time, to whichever the system gives it."""
        return httpx2.get(f"{self.url}{path}", timeout=60)

    def backend(self) -> dict[str, Any]:
        """The figures of whichever answers."""
        return self.ask("/health/detailed").json()["components"]["backend"]["details"]


def until(is_so: Callable[[], object], then: Callable[[], object] = lambda: None) -> None:
    """Wait for it."""
    deadline = time.monotonic() + START_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        then()
        time.sleep(0.1)


def end(process: psutil.Process) -> None:
    """Tell it, if it is still there."""
    with suppress(psutil.NoSuchProcess):
        process.terminate()


@pytest.fixture
def several(tmp_path: Path) -> Iterator[Several]:
    (tmp_path / "tmp").mkdir()
    several = Several(tmp_path)
    with several.logs.open("w") as several.stderr:
        several.start()
    yield several
    several.stop(signal.SIGKILL)


def test_they_count_together_are_replaced_and_end_together(
    several: Several, tmp_path: Path
) -> None:
    until(lambda: len(several.lines("serving")) == WORKERS)
    assert {file.name for file in (tmp_path / "heartbeats").iterdir()} == {"web-1", "web-2"}
    for number in range(20):
        several.ask(f"/nowhere/{number}")
    until(lambda: several.backend().get("processes") == WORKERS)
    until(lambda: several.backend()["requests_total"] >= 20)
    ids = [line["request_id"] for line in several.lines("request")]
    assert len(ids) == len(set(ids)) == 20

    # One is killed: its place is taken, and what it has counted is not lost.
    counted = several.backend()["requests_total"]
    several.children()[0].kill()
    until(lambda: len(several.lines("serving")) == WORKERS + 1)
    assert len(several.children()) == WORKERS
    until(lambda: several.backend()["requests_total"] >= counted)
    [ended] = several.lines("web_process")
    assert ended["reason"] == "failed with exit code -9; starting again in 0.5 s"

    # Somebody ends one of them, and does not want to wait: it is the same.
    counted = several.backend()["requests_total"]
    pids = {child.pid for child in several.children()}
    ended_one = several.children()[0]
    until(lambda: not ended_one.is_running(), lambda: end(ended_one))
    until(lambda: len(several.children()) == WORKERS)
    until(lambda: len(several.lines("serving")) == WORKERS + 2)
    assert len(pids - {child.pid for child in several.children()}) == 1
    assert several.backend()["requests_total"] >= counted

    # Told to stop, none is ready, and all still answer. Whoever tells again does not want to wait.
    several.tell(signal.SIGTERM)
    until(lambda: {several.ask("/health/ready").status_code for _ in range(10)} == {503})
    assert {several.ask("/health").status_code for _ in range(10)} == {200}
    children = several.children()
    until(lambda: not several.children(), lambda: several.tell(signal.SIGTERM))
    several.wait(STOP_SECONDS)
    assert not any(child.is_running() for child in children)
    assert list((tmp_path / "tmp").iterdir()) == []
    assert list((tmp_path / "figures").iterdir()) == []
    with pytest.raises(httpx2.TransportError):
        several.ask("/health")

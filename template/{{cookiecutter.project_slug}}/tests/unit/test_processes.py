"""Which processes `serve` runs."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from app.core.this_process import PROCESS_VARIABLE, this_process
from app.entrypoints import prerequisites
from app.entrypoints import processes as module
from app.entrypoints.processes import Process, find_processes, processes, run_process

STOPPED_WHILE_IT_LOADS = """
import signal, sys

class Importing:
    def find_spec(self, name, *_):
        if name == "app.entrypoints.webserver":
            signal.raise_signal(signal.SIGTERM)

# The first process of a container has no signals but those that it has asked for.
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sys.meta_path.insert(0, Importing())
sys.argv[1:] = ["serve", "web"]
from app.cli import main
main()
"""


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Process(name, print) for name in ("web", "worker-a", "worker-b")]
    monkeypatch.setattr(module, "processes", lambda: found)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ["web", "worker-a", "worker-b"]),
        (["web"], ["web"]),
        (["worker"], ["worker-a", "worker-b"]),
        (["worker", "a"], ["worker-a"]),
        (["worker-b", "web"], ["worker-b", "web"]),
    ],
)
def test_processes_are_found_by_name_and_group(words: list[str], expected: list[str]) -> None:
    assert [process.name for process in find_processes(words)] == expected


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(LookupError, match="web, worker-a, worker-b"):
        find_processes(["wep"])


def test_a_process_knows_which_one_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PROCESS_VARIABLE, raising=False)
    assert this_process() is None
    monkeypatch.setenv(PROCESS_VARIABLE, "")
    seen: list[str | None] = []
    run_process(Process("worker-a", lambda: seen.append(this_process())), [])
    assert seen == ["worker-a"]


def test_every_process_can_be_started() -> None:
    for process in processes():
        assert callable(process.target)


def test_a_process_whose_work_is_done_elsewhere_says_so() -> None:
    assert Process("spare", print, unless=lambda: True).is_done_elsewhere()
    assert not Process("spare", print).is_done_elsewhere()


def test_prerequisites_end_in_the_reverse_order(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    @contextmanager
    def there(name: str) -> Generator[None]:
        said.append(f"{name} starts")
        yield
        said.append(f"{name} ends")

    monkeypatch.setattr(prerequisites, "prerequisites", lambda: [there("a"), there("b")])
    with prerequisites.prepared():
        said.append("processes")
    assert said == ["a starts", "b starts", "processes", "b ends", "a ends"]


def test_who_is_stopped_while_it_still_loads_ends() -> None:
    """Otherwise a container that is stopped right after its start goes on until it is killed."""
    command = [sys.executable, "-c", STOPPED_WHILE_IT_LOADS]
    subprocess.run(command, check=True, timeout=60)

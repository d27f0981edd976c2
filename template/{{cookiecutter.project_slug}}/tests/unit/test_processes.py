"""Which processes `serve` runs."""

import pytest

from app.entrypoints import processes as module
from app.entrypoints.processes import Process, find_processes, processes


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Process(name, "module:main") for name in ("web", "worker-a", "worker-b")]
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


def test_every_process_can_be_started() -> None:
    from importlib import import_module

    for process in processes():
        name, _, function = process.target.partition(":")
        assert callable(getattr(import_module(name), function))

"""What the scheduler leaves for others, wherever it keeps that, and what health makes of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from app.services.scheduler import Action, Memory, Outcome, scheduler_memory
from app.services.scheduler import files as files_module
from app.services.scheduler.files import FileMemory
from app.services.scheduler.health import check, check_scheduler
from app.services.scheduler.models import read_wishes
from app.services.system import State
from tests.scheduler.support import NOW, make_beat, make_run, make_wish


@pytest.fixture(params=["files", "chosen"])
def memory(request: pytest.FixtureRequest) -> Memory:
    """The files, and what this application uses."""
    return FileMemory() if request.param == "files" else scheduler_memory()


def test_the_newest_runs_come_first(memory: Memory) -> None:
    for number in range(4):
        memory.add_run(make_run("ab"[number % 2], duration_ms=number))
    assert [run.duration_ms for run in memory.runs(3)] == [3, 2, 1]
    assert [run.duration_ms for run in memory.runs(job="a")] == [2, 0]
    assert {job: run.duration_ms for job, run in memory.last_runs().items()} == {"a": 2, "b": 3}


def test_a_run_is_kept_as_it_is(memory: Memory) -> None:
    run = make_run(outcome=Outcome.FAILED, error="ValueError: no", is_manual=True)
    memory.add_run(run)
    assert memory.runs() == [run]


def test_there_is_nothing_at_first(memory: Memory) -> None:
    assert memory.runs() == []
    assert memory.last_beat() is None
    assert memory.last_runs() == {}
    assert memory.registered() == set()


def test_what_was_asked_for_is_taken_once_the_oldest_first(memory: Memory) -> None:
    assert memory.take_asked() == []
    wishes = [make_wish(job, action) for job in ("b/c: ü", "a") for action in Action]
    for wish in wishes:
        memory.ask_for(wish)
    assert memory.take_asked() == wishes
    assert memory.take_asked() == []


def test_a_wish_that_cannot_be_read_holds_up_none() -> None:
    wish = make_wish("clean")
    assert read_wishes(["clean", wish.model_dump_json()]) == [wish]


def test_files_remember_what_is_paused() -> None:
    # A job store, where there is one, remembers by itself.
    assert FileMemory().paused() == set()
    FileMemory().remember_paused({"a", "b/c: ü"})
    assert FileMemory().paused() == {"a", "b/c: ü"}


@pytest.mark.parametrize("content", ["", "{", "7", '[["a"]]'])
def test_a_spoilt_note_of_what_is_paused_keeps_no_scheduler_from_starting(content: str) -> None:
    FileMemory().remember_paused({"a"})
    FileMemory().paused_file.write_text(content)
    assert FileMemory().paused() == set()


def test_the_last_beat_counts(memory: Memory) -> None:
    memory.beat(make_beat("one"))
    second = make_beat("two")
    memory.beat(second)
    assert memory.last_beat() == second


def test_one_process_holds_the_right_to_run(memory: Memory) -> None:
    with memory.hold() as first, memory.hold() as second:
        assert (first(), second()) == (True, False)
    with memory.hold() as third:
        assert third()


def test_a_line_that_a_crash_cut_off_is_skipped(scheduler_folder: Path) -> None:
    memory = FileMemory()
    memory.add_run(make_run())
    with memory.runs_file.open("a", encoding="utf-8") as file:
        file.write('{"job": "cl\n')
    memory.add_run(make_run("later"))
    assert [run.job for run in memory.runs()] == ["later", "clean"]


def test_the_oldest_runs_go(monkeypatch: pytest.MonkeyPatch, scheduler_folder: Path) -> None:
    monkeypatch.setattr(files_module, "MAX_BYTES", 1000)
    memory = FileMemory()
    for number in range(40):
        memory.add_run(make_run(duration_ms=number))
    kept = [run.duration_ms for run in memory.runs()]
    assert kept == list(range(39, 39 - len(kept), -1))
    assert 5 <= len(kept) < 30
    assert sum(file.stat().st_size for file in scheduler_folder.glob("runs*")) < 3000


async def test_without_a_scheduler_it_is_unhealthy() -> None:
    assert (await check_scheduler()).state is State.UNHEALTHY
    old = make_beat("clean", at=datetime.now(UTC) - timedelta(minutes=1))
    await asyncio.to_thread(scheduler_memory().beat, old)
    assert (await check_scheduler()).message == "No scheduler is running"


def test_with_one_it_is_healthy_until_a_job_fails() -> None:
    with time_machine.travel(NOW, tick=False):
        memory = scheduler_memory()
        memory.beat(make_beat("clean", "report", at=NOW))
        memory.add_run(make_run("clean"))
        result = check()
        assert result.state is State.HEALTHY
        assert result.details["jobs"] == 2
        assert result.details["next_run"] == "02 Jan 12:00 UTC"
        memory.add_run(make_run("clean", Outcome.FAILED, error="ValueError: no"))
        result = check()
    assert result.state is State.DEGRADED
    assert result.message == "The last run failed: clean"
    assert result.children["clean"].message == "Failed: ValueError: no"
    assert result.children["report"].state is State.HEALTHY


def test_health_names_what_is_paused() -> None:
    beat = make_beat("clean", "report")
    beat.jobs[1].next_run = None
    scheduler_memory().beat(beat)
    result = check()
    assert (result.state, result.message) == (State.HEALTHY, "Paused: report")
    assert result.children["report"].message == "Paused"

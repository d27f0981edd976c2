"""The commands."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from typer.testing import CliRunner

from app.cli.commands import build_cli
from app.core.errors import NotFoundError
from app.core.scheduler import manual
from app.services.scheduler import Action, Outcome, scheduler_memory
from tests.scheduler.support import make_beat, make_run

runner = CliRunner()


def broken() -> None:
    raise ValueError("no")


@pytest.fixture
def broken_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that fails."""

    def register(scheduler: AsyncIOScheduler) -> None:
        scheduler.add_job(broken, "cron", hour=3, id="broken")

    monkeypatch.setattr(manual, "registering_functions", lambda: [register])


def test_jobs_are_listed_without_a_scheduler() -> None:
    result = runner.invoke(build_cli(), ["scheduler", "jobs", "--json"])
    found = json.loads(result.stdout)
    assert "report_health" in [job["id"] for job in found]
    assert all(job["next_run"] for job in found)
    table = runner.invoke(build_cli(), ["scheduler", "jobs"], env={"COLUMNS": "200"}).output
    assert "cron[minute='0']" in table


def test_jobs_are_those_of_the_scheduler_that_runs() -> None:
    scheduler_memory().beat(make_beat("clean"))
    result = runner.invoke(build_cli(), ["scheduler", "jobs", "--json"])
    assert [job["id"] for job in json.loads(result.stdout)] == ["clean"]
    assert "clean" in runner.invoke(build_cli(), ["scheduler", "next"]).output


def test_a_job_can_be_run_now() -> None:
    result = runner.invoke(build_cli(), ["scheduler", "run", "report_health"])
    assert result.exit_code == 0
    [run] = scheduler_memory().runs()
    assert (run.job, run.outcome, run.is_manual) == ("report_health", Outcome.OK, True)


@pytest.mark.usefixtures("broken_job")
def test_a_job_that_fails_says_why() -> None:
    result = runner.invoke(build_cli(), ["scheduler", "run", "broken"])
    assert result.exit_code == 1
    assert "ValueError: no" in result.output
    assert scheduler_memory().runs()[0].outcome is Outcome.FAILED


def test_an_unknown_job_is_refused_with_the_known_ones() -> None:
    result = runner.invoke(build_cli(), ["scheduler", "run", "nothing"])
    assert isinstance(result.exception, NotFoundError)
    assert "report_health" in str(result.exception)


def test_the_history_can_be_read() -> None:
    scheduler_memory().add_run(make_run("clean", Outcome.FAILED, error="ValueError: no"))
    result = runner.invoke(build_cli(), ["scheduler", "history", "--json"])
    assert [run["job"] for run in json.loads(result.stdout)] == ["clean"]
    assert "failed" in runner.invoke(build_cli(), ["scheduler", "history", "clean"]).output


def test_more_runs_than_a_memory_can_count_are_refused() -> None:
    result = runner.invoke(build_cli(), ["scheduler", "history", "--limit", "9" * 20])
    assert result.exit_code == 2


def test_a_job_is_paused_by_the_scheduler() -> None:
    memory = scheduler_memory()
    result = runner.invoke(build_cli(), ["scheduler", "pause", "report_health"])
    assert "when a scheduler starts" in result.output
    memory.beat(make_beat("clean"))
    assert "within" in runner.invoke(build_cli(), ["scheduler", "resume", "clean"]).output
    assert [(wish.action, wish.job) for wish in memory.take_asked()] == [
        (Action.PAUSE, "report_health"),
        (Action.RESUME, "clean"),
    ]
    result = runner.invoke(build_cli(), ["scheduler", "pause", "nothing"])
    assert isinstance(result.exception, NotFoundError)
    assert memory.take_asked() == []


def test_the_status_names_what_is_paused() -> None:
    beat = make_beat("clean", "report")
    beat.jobs[0].next_run = None
    scheduler_memory().beat(beat)
    assert "Paused: clean." in runner.invoke(build_cli(), ["scheduler", "status"]).output


def test_the_status_fails_without_a_scheduler() -> None:
    assert runner.invoke(build_cli(), ["scheduler", "status"]).exit_code == 1
    scheduler_memory().beat(make_beat(at=datetime.now(UTC) - timedelta(hours=1)))
    assert runner.invoke(build_cli(), ["scheduler", "status"]).exit_code == 1
    scheduler_memory().beat(make_beat())
    assert runner.invoke(build_cli(), ["scheduler", "status"]).exit_code == 0

"""`/metrics`: who is told what, and where."""

import asyncio
import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from app.components.backend.main import create_app
from app.core.config import Settings
from app.core.constants import ROOT
from app.core.errors import ConfigurationError
from app.core.jobs import JobRun
from app.core.supervisor import PARENT_VARIABLE
from app.core.this_process import FOLDER_VARIABLE, NUMBER_VARIABLE, PROCESS_VARIABLE
from app.entrypoints.processes import processes
from app.services.observability.endpoint import serving_metrics
from app.services.observability.metrics import measured, registry, request_figures
from app.services.observability.together import listen
from app.stack.observability import metrics_port, observability
from tests.e2e.server import free_port

MakeSettings = Callable[..., Settings]


def figure(name: str, /, **labels: str) -> float:
    """What is counted so far."""
    return registry.get_sample_value(name, labels) or 0.0


async def told(port: int) -> dict[tuple[str, ...], float]:
    """What `/metrics` says: by name and the values of the labels, in the order of their names."""
    with await asyncio.to_thread(urlopen, f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def measuring(settings: MakeSettings) -> FastAPI:
    """An application that counts requests."""
    router = APIRouter(prefix="/tests")

    @router.get("/things/{number}")
    async def thing(number: int) -> int:
        if number == 13:
            raise ValueError("no such luck")
        return number

    app = create_app(settings(METRICS_PORT="9464"))
    app.include_router(router)
    return app


def test_requests_are_counted_by_the_pattern_of_their_route(measuring: FastAPI) -> None:
    client = TestClient(measuring)
    for number in (1, 2, 13):
        client.get(f"/tests/things/{number}")
    route = "/tests/things/{number}"
    assert figure("http_requests_total", method="GET", route=route, status="200") == 2
    assert figure("http_requests_total", method="GET", route=route, status="500") == 1
    assert figure("http_request_duration_seconds_count", method="GET", route=route) == 3
    assert figure("http_requests_running") == 0


def test_strangers_cannot_make_up_series(measuring: FastAPI) -> None:
    client = TestClient(measuring)
    before = figure("http_requests_total", method="other", route="none", status="404")
    for number in range(5):
        client.request(f"BREW{number}", f"/nowhere/{number}")
    after = figure("http_requests_total", method="other", route="none", status="404")
    assert after - before == 5


@pytest.mark.parametrize("path", ["/dashboard/", "/docs/assets/nothing.js"])
def test_what_is_mounted_counts_as_one(path: str, measuring: FastAPI) -> None:
    TestClient(measuring).get(path)
    found = {
        sample.labels["route"]
        for family in registry.collect()
        for sample in family.samples
        if "route" in sample.labels
    }
    assert path not in found


def test_requests_below_a_path_are_counted_by_their_route_as_well(settings: MakeSettings) -> None:
    client = TestClient(create_app(settings(METRICS_PORT="9464", ROOT_PATH="/tool")))
    labels = {"method": "GET", "route": "/health/live", "status": "200"}
    before = figure("http_requests_total", **labels)
    client.get("/tool/health/live")
    assert figure("http_requests_total", **labels) - before == 1


@pytest.mark.parametrize(
    ("error", "outcome"), [(None, "done"), (KeyError("again"), "again"), (ValueError(), "failed")]
)
def test_jobs_are_measured(error: Exception | None, outcome: str) -> None:
    labels = {"queue": "system", "name": "send", "outcome": outcome}
    before = figure("job_duration_seconds_count", **labels)
    with suppress(KeyError, ValueError), measured(JobRun("send", "system", again=(KeyError,))):
        assert figure("jobs_running", queue="system") == 1
        if error is not None:
            raise error
    assert figure("job_duration_seconds_count", **labels) - before == 1
    assert figure("jobs_running", queue="system") == 0


async def test_web_tells_health_and_the_figures_of_checks(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROCESS_VARIABLE, "web")
    port = free_port()
    async with serving_metrics(settings(METRICS_PORT=str(port)), port):
        found = await told(port)
    assert found["event_loop_answers",] == 1
    assert found["component_health", "backend", "healthy"] == 1
    assert found["component_health", "backend", "unhealthy"] == 0
    assert found["component_figure", "machine", "disk_free_bytes", ""] > 0
    assert found["process_resident_memory_bytes",] > 1_000_000
    with pytest.raises(OSError, match="refused"):
        await told(port)


async def test_an_event_loop_that_hangs_is_a_figure(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROCESS_VARIABLE, "web")
    monkeypatch.setattr("app.services.observability.health.WAIT_SECONDS", 0.1)
    port = free_port()
    code = f"import urllib.request as r; print(r.urlopen('http://127.0.0.1:{port}/metrics').read())"
    async with serving_metrics(settings(METRICS_PORT=str(port)), port):
        # Blocks the loop until the answer is there.
        said = subprocess.run(  # noqa: ASYNC221
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
    assert "event_loop_answers 0.0" in said
    assert "component_health" not in said


async def test_other_processes_leave_health_to_web(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROCESS_VARIABLE, "worker-system")
    port = free_port()
    async with serving_metrics(settings(METRICS_PORT=str(port)), port):
        found = await told(port)
    assert "event_loop_answers" not in {name for name, *_ in found}
    assert found["process_resident_memory_bytes",] > 1_000_000


async def test_a_port_that_is_taken_does_not_end_the_process(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(PROCESS_VARIABLE, "web")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        async with serving_metrics(settings(METRICS_PORT=str(port)), port):
            assert "metrics_not_served" in caplog.text


async def test_the_port_of_the_application_is_refused(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROCESS_VARIABLE, "web")
    with pytest.raises(ConfigurationError, match="METRICS_PORT: 8000 is the port"):
        async with serving_metrics(settings(METRICS_PORT="8000"), 8000):
            pass


ANOTHER_PROCESS = """
import asyncio, os, sys
from app.core.this_process import this_folder
from app.services.observability.metrics import request_figures
from app.services.observability.together import told_at

async def main():
    async with told_at(this_folder()):
        request_figures("GET", "/several", 200)[0].inc(3)
        print("told", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        os._exit(9)

asyncio.run(main())
"""


async def test_of_several_web_processes_the_first_one_tells_for_all(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(PROCESS_VARIABLE, "web")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setenv(NUMBER_VARIABLE, "2")
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ANOTHER_PROCESS, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdin is not None
    assert other.stdout is not None
    assert await other.stdout.readline() == b"told\n"
    monkeypatch.setenv(NUMBER_VARIABLE, "1")
    request_figures("GET", "/several", 200)[0].inc(2)
    port = free_port()
    async with serving_metrics(settings(METRICS_PORT=str(port)), port):
        found = await told(port)
        assert found["http_requests_total", "GET", "web-1", "/several", "200"] == 2
        assert found["http_requests_total", "GET", "web-2", "/several", "200"] == 3
        assert found["event_loop_answers", "web-1"] == found["event_loop_answers", "web-2"] == 1
        assert found["process_resident_memory_bytes", "web-2"] > 1_000_000
        # Health is that of the application.
        assert found["component_health", "backend", "healthy"] == 1
        # One that is killed is missing, until another one has its place.
        other.stdin.write(b"\n")
        await other.wait()
        found = await told(port)
        assert ("event_loop_answers", "web-2") not in found
        assert found["event_loop_answers", "web-1"] == 1
    assert not (tmp_path / "web-1.metrics").exists()


async def test_one_of_several_that_hangs_is_a_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.observability.together.WAIT_SECONDS", -0.9)
    file = tmp_path / "web-3.metrics"
    with socket.socket(socket.AF_UNIX) as hangs:
        hangs.bind(str(file))
        hangs.listen()
        assert "event_loop_answers 0" in await asyncio.to_thread(listen, file)


async def test_a_folder_that_no_socket_fits_in_is_said_and_ends_nothing(
    settings: MakeSettings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    monkeypatch.setenv(PROCESS_VARIABLE, "web")
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    monkeypatch.setenv(NUMBER_VARIABLE, "1")
    port = free_port()
    async with serving_metrics(settings(METRICS_PORT=str(port)), port):
        found = await told(port)
    assert found["component_health", "backend", "healthy"] == 1
    assert "metrics_not_told" in caplog.text


def test_processes_of_one_supervisor_have_a_port_each(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [process.name for process in processes()]
    monkeypatch.setenv(PARENT_VARIABLE, "1")
    found = []
    for name in names:
        monkeypatch.setenv(PROCESS_VARIABLE, name)
        found.append(metrics_port(9464))
    assert found == list(range(9464, 9464 + len(names)))
    # In a container each is alone.
    monkeypatch.delenv(PARENT_VARIABLE)
    assert metrics_port(9464) == 9464


def test_what_is_off_costs_nothing(client: TestClient) -> None:
    # Not even an import, in a process of its own.
    code = (
        "import sys; from app.components.backend.main import create_app; create_app();"
        "from app.core.resources import shared_resources; shared_resources();"
        "print(*sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    heavy = {"prometheus_client", "app.services.observability"}
    assert heavy.isdisjoint(said.split())
    assert observability.around_job(JobRun("send", "system")) is None
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("name", ["alerts.yml", "grafana-dashboard.json"])
def test_dashboard_and_alerts_ask_for_figures_that_are_there(name: str) -> None:
    text = (ROOT / "observability" / name).read_text(encoding="utf-8")
    if name.endswith(".json"):
        panels = json.loads(text)["panels"]
        asked = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    else:
        asked = re.findall(r"expr: (.+)", text)
    assert asked
    known = {family.name for family in registry.collect()} | {
        "component_figure",
        "component_health",
        "event_loop_answers",
        "up",
    }
    for expression in asked:
        # What is no label, and no function of Prometheus.
        bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|(by|on) \([^)]*\)", "", expression)
        words = re.findall(r"\b[a-z]\w*\b(?!\s*\()", bare)
        names = {re.sub(r"_(total|bucket|count|sum)$", "", word) for word in words}
        assert names - {"e"} <= known, expression

"""Traces and logs, as they arrive at a collector."""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from opentelemetry.trace import SpanKind

from app.components.backend.main import create_app
from app.core.config import Settings
from app.core.constants import PROJECT_SLUG, ROOT
from app.core.context import trace_parent
from app.core.jobs import JobRun
from app.core.logging import get_logger
from app.services.observability import otlp
from app.services.observability.otlp import Traces, sending
from app.services.observability.tracing import current_tracing, read_parent, span, traced
from tests.fixtures.observability import Collector, values

MakeSettings = Callable[..., Settings]
ABOVE = f"00-{'a' * 32}-{'b' * 16}-01"


@pytest.fixture
def config(settings: MakeSettings, collector: Collector) -> Settings:
    """Everything is kept, and sent."""
    return settings(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_TRACES_SAMPLER_ARG="1")


def application(config: Settings) -> FastAPI:
    """With a route that says which trace it belongs to."""
    router = APIRouter(prefix="/tests")

    @router.get("/things/{number}")
    async def thing(number: int) -> str | None:
        if number == 13:
            raise ValueError("no such luck")
        return trace_parent.get()

    app = create_app(config)
    app.include_router(router)
    return app


async def test_a_request_is_a_span_with_its_route(config: Settings, collector: Collector) -> None:
    client = TestClient(application(config))
    async with sending(config):
        answer = await asyncio.to_thread(client.get, "/tests/things/7?token=hunter2")
        await asyncio.to_thread(client.get, "/tests/things/13")
        await asyncio.to_thread(client.get, "/health")
    good, bad = collector.spans
    assert good.name == bad.name == "GET /tests/things/{number}"
    assert good.kind == 2  # SERVER, as the protocol counts
    found = values(good.attributes)
    assert found["http.route"] == "/tests/things/{number}"
    assert found["http.response.status_code"] == 200
    assert found["request.id"] == answer.headers["X-Request-ID"]
    everything = b"".join(collector.bodies["/v1/traces"])
    assert b"hunter2" not in everything
    # A path may hold a token as well.
    assert b"things/7" not in everything
    assert values(bad.attributes)["http.response.status_code"] == 500
    assert bad.status.code == 2
    [sender, *_] = collector.resources
    assert sender["service.name"] == PROJECT_SLUG


async def test_a_request_goes_on_with_the_trace_that_it_brings(
    config: Settings, collector: Collector
) -> None:
    client = TestClient(application(config))
    async with sending(config):
        headers = {"traceparent": ABOVE}
        answer = await asyncio.to_thread(client.get, "/tests/things/7", headers=headers)
    [made] = collector.spans
    assert made.trace_id.hex() == "a" * 32
    assert made.parent_span_id.hex() == "b" * 16
    assert answer.json() == f"00-{'a' * 32}-{made.span_id.hex()}-01"


@pytest.mark.parametrize("above", [ABOVE, ABOVE.replace("-01", "-00"), "nonsense", ""])
async def test_strangers_cannot_have_more_traced_than_the_settings_say(
    above: str, settings: MakeSettings, collector: Collector
) -> None:
    config = settings(
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
        OTEL_TRACES_SAMPLER_ARG="0",
        OTEL_LOGS_EXPORTER="none",
    )
    client = TestClient(application(config))
    async with sending(config):
        headers = {"traceparent": above}
        answer = await asyncio.to_thread(client.get, "/tests/things/7", headers=headers)
    assert collector.bodies == {}
    # What it enqueues is not traced, either.
    assert answer.json().endswith("-00")


async def test_a_job_belongs_to_the_trace_of_the_request_that_has_enqueued_it(
    config: Settings, collector: Collector
) -> None:
    async with sending(config):
        for above in (ABOVE, ABOVE.replace("-01", "-00")):
            token = trace_parent.set(above)
            with traced(JobRun("send", "system")):
                inside = read_parent(trace_parent.get())
            trace_parent.reset(token)
            assert inside is not None
            assert f"{inside.trace_id:x}" == "a" * 32
    [made] = collector.spans
    assert (made.name, made.kind) == ("system send", 5)  # CONSUMER
    assert made.trace_id.hex() == "a" * 32
    assert made.parent_span_id.hex() == "b" * 16
    assert values(made.attributes)["job.outcome"] == "done"


async def test_a_job_that_fails_says_why_without_secrets(
    config: Settings, collector: Collector
) -> None:
    async with sending(config):
        with suppress(ValueError), traced(JobRun("send", "system")), span("price", items=3):
            raise ValueError("postgresql://app:hunter2@db/app is away")
    inner, outer = collector.spans
    assert inner.name == "price"
    assert inner.parent_span_id == outer.span_id
    assert values(inner.attributes)["items"] == 3
    assert values(outer.attributes)["job.outcome"] == "failed"
    assert outer.status.message.startswith("ValueError: postgresql://app:")
    assert "hunter2" not in outer.status.message


async def test_calls_to_others_go_on_with_the_trace(config: Settings, collector: Collector) -> None:
    url = f"{collector.url}/elsewhere?key=hunter2"
    async with sending(config), httpx2.AsyncClient() as client:
        await client.post(url)
        with traced(JobRun("send", "system")):
            await client.post(url)
    call, job = collector.spans
    assert (call.trace_id, call.parent_span_id) == (job.trace_id, job.span_id)
    assert values(call.attributes)["url.full"] == f"{collector.url}/elsewhere"
    first, second = [h for h in collector.headers if "protobuf" not in h.get("content-type", "")]
    # Outside of a trace, a call makes none.
    assert not first.get("traceparent", "").endswith("-01")
    assert second["traceparent"].startswith(f"00-{job.trace_id.hex()}-{call.span_id.hex()}-")


async def test_what_belongs_to_nothing_makes_no_trace(
    config: Settings, collector: Collector
) -> None:
    async with sending(config):
        tracing = current_tracing()
        assert tracing is not None
        with tracing.tracer.start_as_current_span("SELECT", kind=SpanKind.CLIENT):
            pass
    assert collector.spans == []
    assert current_tracing() is None


async def test_logs_are_sent_with_their_trace_and_without_secrets(
    config: Settings, collector: Collector
) -> None:
    log = get_logger("tests")
    async with sending(config):
        with traced(JobRun("send", "system")):
            try:
                raise ValueError("postgresql://app:hunter2@db/app is away")
            except ValueError:
                log.exception("order_lost", order_id=7, api_key="hunter3")
        # It would be heard for ever.
        logging.getLogger("opentelemetry.sdk").error("not sent")
    [made] = collector.spans
    [line] = [line for line in collector.logs if line.body.string_value != "not sent"]
    assert line.body.string_value == "order_lost"
    assert line.severity_text == "ERROR"
    assert line.trace_id == made.trace_id
    found = values(line.attributes)
    assert found["order_id"] == 7
    assert found["exception.type"] == "ValueError"
    assert "test_traces.py" in found["exception.stacktrace"]
    everything = b"".join(collector.bodies["/v1/logs"])
    assert b"hunter" not in everything
    assert b"not sent" not in everything


async def test_the_token_of_a_collector_is_sent(
    settings: MakeSettings, collector: Collector
) -> None:
    config = settings(
        OTEL_EXPORTER_OTLP_ENDPOINT=f"{collector.url}/",
        OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20hunter2,x-team=lamps",
    )
    async with sending(config):
        get_logger("tests").warning("hello")
    [headers] = collector.headers
    assert headers["authorization"] == "Bearer hunter2"
    assert headers["x-team"] == "lamps"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://collector:4317"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "Bearer hunter2"),
        ("OTEL_TRACES_SAMPLER_ARG", "10"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    name: str, value: str, settings: MakeSettings
) -> None:
    with pytest.raises(ValueError, match=name) as refused:
        settings(**{name: value})
    assert "hunter2" not in str(refused.value)


def test_a_token_that_goes_over_the_network_as_it_is_is_warned_of(settings: MakeSettings) -> None:
    given = {"OTEL_EXPORTER_OTLP_HEADERS": "authorization=hunter2", "APP_ENV": "production"}
    found = "\n".join(settings(**given).warnings())
    assert "OTEL_EXPORTER_OTLP_ENDPOINT is not" in found
    given["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://collector:4318"
    found = "\n".join(settings(**given).warnings())
    assert "without TLS" in found
    assert "hunter2" not in found


async def test_a_collector_that_does_not_answer_holds_up_nobody(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever waited for the answer would wait as long as this.
    monkeypatch.setattr(otlp, "SEND_SECONDS", 90.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        config = settings(OTEL_EXPORTER_OTLP_ENDPOINT=url, OTEL_TRACES_SAMPLER_ARG="1")
        started = time.monotonic()
        async with sending(config):
            with traced(JobRun("send", "system")):
                get_logger("tests").warning("hello")
        assert time.monotonic() - started < 30


def test_a_collector_that_is_away_is_told_once(
    settings: MakeSettings, collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        exporter = Traces(endpoint=f"{away}/v1/traces", timeout=0.01)
        exporter.export([])
        exporter.export([])
    assert caplog.text.count("collector_is_away") == 1
    caplog.set_level(logging.INFO)
    exporter._client._endpoint = f"{collector.url}/v1/traces"
    exporter._client._timeout = 60
    exporter.export([])
    exporter.export([])
    assert caplog.text.count("collector_is_back") == 1


PROCESS = """
from contextlib import asynccontextmanager
import uvicorn
from fastapi import FastAPI
from app.core.config import settings
from app.core.jobs import JobRun
from app.services.observability import otlp
from app.services.observability.otlp import sending
from app.services.observability.tracing import traced

otlp.SEND_SECONDS = otlp.LAST_SECONDS = 60.0

@asynccontextmanager
async def lifespan(app):
    async with sending(settings):
        with traced(JobRun("last", "system")):
            print("ready", flush=True)
        yield

uvicorn.run(FastAPI(lifespan=lifespan), port=0, log_level="error")
"""


def test_a_process_that_is_told_to_stop_sends_its_last_spans(collector: Collector) -> None:
    # uvicorn ends by the signal itself, so nothing that waits for Python's exit would be called.
    environment = os.environ | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_TRACES_SAMPLER_ARG": "1",
    }
    command = [sys.executable, "-c", PROCESS]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGTERM)
        process.wait(90)
    assert [made.name for made in collector.spans] == ["system last"]

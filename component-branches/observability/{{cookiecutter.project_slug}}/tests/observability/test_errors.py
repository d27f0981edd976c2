"""Errors, as they arrive at a server that speaks Sentry's language."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from app.components.backend.main import create_app
from app.core.config import Settings
from app.core.context import job_id
from app.core.logging import get_logger
from app.services.observability.errors import reporting
from tests.fixtures.observability import Collector

MakeSettings = Callable[..., Settings]
log = get_logger("tests")


@pytest.fixture
def config(settings: MakeSettings, collector: Collector) -> Settings:
    """The collector is the server."""
    return settings(SENTRY_DSN=collector.url.replace("//", "//key@") + "/1", APP_ENV="production")


def events(collector: Collector) -> list[dict[str, Any]]:
    """What has arrived."""
    bodies = collector.bodies.get("/api/1/envelope/", ())
    parts = [json.loads(line) for body in bodies for line in body.splitlines() if line]
    return [part for part in parts if "event_id" in part and "level" in part]


async def test_what_nobody_expected_is_reported_once(
    config: Settings, collector: Collector
) -> None:
    router = APIRouter(prefix="/tests")

    @router.get("/things/{number}")
    async def thing(number: int, token: str) -> int:
        secret = f"hunter{number}"
        raise ValueError(f"postgresql://app:{secret}@db/app is away")

    app = create_app(config)
    app.include_router(router)
    client = TestClient(app)
    async with reporting(config):
        answer = await asyncio.to_thread(client.get, "/tests/things/2?token=hunter3")
    assert answer.status_code == 500
    [event] = events(collector)
    [error] = event["exception"]["values"]
    assert error["type"] == "ValueError"
    assert error["value"].startswith("postgresql://app:")
    assert [f for f in error["stacktrace"]["frames"] if f["function"] == "thing"]
    assert event["tags"]["request_id"] == answer.headers["X-Request-ID"]
    assert event["extra"]["path"] == "/tests/things/{number}"
    assert event["environment"] == "production"
    assert b"hunter2@" not in b"".join(collector.bodies["/api/1/envelope/"])
    assert b"hunter3" not in b"".join(collector.bodies["/api/1/envelope/"])


async def test_an_error_of_a_job_says_which(config: Settings, collector: Collector) -> None:
    async with reporting(config):
        token = job_id.set("one")
        log.error("order_lost", order_id=7, api_key="hunter2")
        log.warning("order_late", order_id=8)
        job_id.reset(token)
    log.error("nobody is asked any more")
    [event] = events(collector)
    assert event["logentry"]["message"] == "order_lost"
    assert event["tags"]["job_id"] == "one"
    assert event["extra"]["order_id"] == 7
    assert "hunter2" not in json.dumps(event)


@pytest.mark.parametrize(
    "dsn", ["key@localhost/1", "https://localhost/1", "https://key@localhost", "https://k@h/one"]
)
def test_an_address_that_cannot_work_is_refused(dsn: str, settings: MakeSettings) -> None:
    with pytest.raises(ValueError, match="SENTRY_DSN"):
        settings(SENTRY_DSN=dsn)

"""Logs: one line per event, with the request id and without secrets."""

import json
import logging
import time

import pytest

from app.core.context import job_id, request_id
from app.core.logging import StructuredFormatter, get_logger
from app.core.redaction import redact


def capture(caplog: pytest.LogCaptureFixture, log_format: str) -> str:
    [record] = caplog.records
    return StructuredFormatter(log_format).format(record)


def test_a_json_line_has_event_values_and_request_id(caplog: pytest.LogCaptureFixture) -> None:
    token = request_id.set("abc")
    try:
        with caplog.at_level(logging.INFO):
            get_logger("tests").info("order_paid", order_id=7)
        line = json.loads(capture(caplog, "json"))
    finally:
        request_id.reset(token)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "order_paid",
        "level": "info",
        "logger": "tests",
        "order_id": 7,
        "request_id": "abc",
    }


def test_a_line_of_a_job_has_its_id(caplog: pytest.LogCaptureFixture) -> None:
    token = job_id.set("nightly:7")
    try:
        with caplog.at_level(logging.INFO):
            get_logger("tests").info("report_sent")
        line = json.loads(capture(caplog, "json"))
    finally:
        job_id.reset(token)
    assert line["job_id"] == "nightly:7"
    assert "request_id" not in line


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_secrets_are_masked(caplog: pytest.LogCaptureFixture, log_format: str) -> None:
    with caplog.at_level(logging.INFO):
        get_logger("tests").info("login", password="hunter2", url="redis://app:hunter2@cache")
    line = capture(caplog, log_format)
    assert "hunter2" not in line
    assert "***" in line


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_an_exception_comes_with_its_traceback_and_without_secrets(
    caplog: pytest.LogCaptureFixture, log_format: str
) -> None:
    try:
        raise ValueError("token=hunter2")
    except ValueError:
        get_logger("tests").exception("failed")
    line = capture(caplog, log_format)
    assert "Traceback" in line
    assert "hunter2" not in line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://app:hunter2@db:5432/app", "postgresql://app:***@db:5432/app"),
        ("redis://:hunter2@cache", "redis://:***@cache"),
        ("Authorization: Bearer abcdefgh12345", "Authorization: Bearer ***"),
        ('{"api_key": "hunter2", "name": "Ada"}', '{"api_key": "***", "name": "Ada"}'),
        ("GET /things?token=hunter2&page=2", "GET /things?token=***&page=2"),
        ("see http://example.com:80/a@b: 12 items", "see http://example.com:80/a@b: 12 items"),
    ],
)
def test_redaction(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize("text", ["x" * 200_000, "x-" * 100_000, "password" * 20_000])
def test_a_long_text_takes_no_time(text: str) -> None:
    started = time.process_time()
    assert redact(text) == text
    # A pattern that begins anew at each character would need minutes.
    assert time.process_time() - started < 5

"""Sends traces and logs to a collector, in threads of its own: nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import Any

from opentelemetry._logs import Logger, SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExportResult
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased

from app.core.config import Settings
from app.core.logging import add_ids, get_logger, mask_secrets
from app.core.redaction import redact
from app.core.this_process import this_process
from app.core.version import version
from app.services.observability.tracing import Entrances, Tracing, use_tracing

log = get_logger(__name__)

SEND_SECONDS = 5.0
"""How long to try with a batch; what has not arrived by then is lost."""
LAST_SECONDS = 1.0
"""How long a process that ends waits for what is still to be sent."""

SEVERITIES = {
    logging.DEBUG: SeverityNumber.DEBUG,
    logging.INFO: SeverityNumber.INFO,
    logging.WARNING: SeverityNumber.WARN,
    logging.ERROR: SeverityNumber.ERROR,
    logging.CRITICAL: SeverityNumber.FATAL,
}
NOT_SENT = ("opentelemetry", "urllib3", "requests")
"""What they say about sending would have to be sent as well."""


def resource(config: Settings) -> Resource:
    """Who is sending."""
    return Resource.create(
        {
            "service.name": config.OTEL_SERVICE_NAME,
            "service.version": version(),
            "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
            "deployment.environment.name": config.APP_ENV,
            "process.name": this_process() or "command",
        }
    )


def options(config: Settings, signal: str) -> dict[str, Any]:
    """How both are sent."""
    return {
        "endpoint": f"{config.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/{signal}",
        "headers": config.otlp_headers,
        "timeout": SEND_SECONDS,
        "compression": Compression.Gzip,
    }


class Telling:
    """Says once that a collector is away, and once that it is back."""

    _is_away = False

    def tell(self, *, is_away: bool) -> None:
        """After each batch."""
        if is_away and not self._is_away:
            log.warning("collector_is_away", sends=type(self).__name__)
        elif self._is_away and not is_away:
            log.info("collector_is_back", sends=type(self).__name__)
        self._is_away = is_away


class Traces(Telling, OTLPSpanExporter):
    """Sends spans."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch."""
        result = super().export(spans)
        self.tell(is_away=result is not SpanExportResult.SUCCESS)
        return result


class Logs(Telling, OTLPLogExporter):
    """Sends lines."""

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        """Send a batch."""
        result = super().export(batch)
        self.tell(is_away=result is not LogRecordExportResult.SUCCESS)
        return result


@asynccontextmanager
async def sending(config: Settings) -> AsyncGenerator[None]:
    """Send as long as a process runs, and a moment longer what is left."""
    last_words: list[Callable[[], None]] = []
    try:
        with ExitStack() as stack:
            if config.traces_are_sent:
                ratio = config.OTEL_TRACES_SAMPLER_ARG
                traces = TracerProvider(
                    ParentBased(Entrances(ratio)), resource(config), shutdown_on_exit=False
                )
                traces.add_span_processor(BatchSpanProcessor(Traces(**options(config, "traces"))))
                last_words.append(traces.shutdown)
                stack.enter_context(use_tracing(Tracing(traces, ratio)))
            if config.logs_are_sent:
                logs = LoggerProvider(resource(config), shutdown_on_exit=False)
                logs.add_log_record_processor(
                    BatchLogRecordProcessor(Logs(**options(config, "logs")))
                )
                last_words.append(logs.shutdown)
                stack.enter_context(logs_sent_by(logs.get_logger("app")))
            yield
    finally:
        await asyncio.to_thread(finish, last_words)


def finish(last_words: list[Callable[[], None]]) -> None:
    """Send what is left, all at the same time. The process does not wait for a collector that is away."""
    threads = [threading.Thread(target=word, daemon=True) for word in last_words]
    deadline = time.monotonic() + LAST_SECONDS
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


@contextmanager
def logs_sent_by(logger: Logger) -> Generator[None]:
    """Let the logs of this process be sent as well while the block runs."""
    handler = Handler(logger)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


class Handler(logging.Handler):
    """Hands log lines over, with their values, ids and trace; secrets are masked as in all logs."""

    def __init__(self, logger: Logger) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Hand one over."""
        if record.name.startswith(NOT_SENT):
            return
        values: dict[str, Any] = {"logger": record.name, **getattr(record, "values", {})}
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            values["exception.type"] = type(error).__name__
            values["exception.message"] = str(error)
            values["exception.stacktrace"] = logging.Formatter().formatException(record.exc_info)
        masked = mask_secrets(None, "", add_ids(None, "", values))
        self._logger.emit(
            timestamp=int(record.created * 1e9),
            severity_number=SEVERITIES.get(record.levelno, SeverityNumber.UNSPECIFIED),
            severity_text=record.levelname,
            body=redact(record.getMessage()),
            attributes={name: plain(value) for name, value in masked.items() if value is not None},
        )


def plain(value: object) -> str | int | float | bool:
    """A value as OTLP knows it."""
    return value if isinstance(value, str | int | float | bool) else redact(str(value))

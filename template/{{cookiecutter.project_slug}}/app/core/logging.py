"""Structured logs: for people during development, JSON lines in production.

    log = get_logger(__name__)
    log.info("order_paid", order_id=7)

Every line has the id of the request or job that it belongs to; secrets are masked.
"""

import logging
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from app.core.config import Settings
from app.core.context import job_id, request_id, trace_parent
from app.core.redaction import MASK, redact
from app.stack import COMPONENTS

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

_SECRET_KEYS = ("password", "secret", "token", "api_key", "authorization", "cookie")


class Logger:
    """A logger that takes an event and its values."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, **values: object) -> None:
        """Of interest to whoever looks for a bug."""
        self._log(logging.DEBUG, event, values)

    def info(self, event: str, **values: object) -> None:
        """It happened, as it should."""
        self._log(logging.INFO, event, values)

    def warning(self, event: str, **values: object) -> None:
        """Somebody should look, some day."""
        self._log(logging.WARNING, event, values)

    def error(self, event: str, *, exc_info: BaseException | None = None, **values: object) -> None:
        """Somebody should look now."""
        self._log(logging.ERROR, event, values, exc_info=exc_info)

    def exception(self, event: str, **values: object) -> None:
        """An error, with the exception that is being handled."""
        self._log(logging.ERROR, event, values, exc_info=True)

    def _log(
        self,
        level: int,
        event: str,
        values: dict[str, object],
        *,
        exc_info: bool | BaseException | None = None,
    ) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.log(level, event, extra={"values": values}, exc_info=exc_info)


def get_logger(name: str) -> Logger:
    """The logger of a module."""
    return Logger(name)


class StructuredFormatter(logging.Formatter):
    """Turns records into structlog events.

    structlog is imported with the first line: it is a good part of the time that a start takes.
    """

    def __init__(self, log_format: str, *, colors: bool = False) -> None:
        super().__init__()
        self._log_format = log_format
        self._colors = colors
        self._processors: list[Callable[[Any, str, Any], Any]] = []

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        # structlog's own formatter copies each record first, which takes as long as all of this.
        if not self._processors:
            self._processors = self._build()
        level = record.levelname.lower()
        event: dict[str, Any] = {
            "event": record.getMessage(),
            "level": level,
            "logger": record.name,
        }
        if record.exc_info:
            event["exc_info"] = record.exc_info
        event.update(getattr(record, "values", {}))
        for processor in self._processors:
            event = processor(None, level, event)
        return str(event)

    def _build(self) -> list[Callable[[Any, str, Any], Any]]:
        import structlog

        if self._log_format == "json":
            renderer: Processor = structlog.processors.JSONRenderer(default=str)
        else:
            renderer = structlog.dev.ConsoleRenderer(
                colors=self._colors, exception_formatter=structlog.dev.plain_traceback
            )
        return [
            structlog.processors.format_exc_info,
            add_ids,
            mask_secrets,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ]


def add_ids(logger: Any, method: str, event: "EventDict") -> "EventDict":
    """Add the id of the request or job, and that of the trace if it is kept."""
    for name, current in (("request_id", request_id.get()), ("job_id", job_id.get())):
        if current is not None:
            event[name] = current
    trace = trace_parent.get()
    if trace is not None and trace.endswith("-01"):
        event["trace_id"] = trace.split("-")[1]
    return event


def mask_secrets(logger: Any, method: str, event: "EventDict") -> "EventDict":
    """Mask values whose name says that they are secret, and secrets within texts."""
    for key, value in event.items():
        if is_secret(key):
            event[key] = MASK
        elif isinstance(value, str):
            event[key] = redact(value)
    return event


@lru_cache(maxsize=1000)
def is_secret(name: str) -> bool:
    """Whether a name says that its value is secret."""
    return any(secret in name.lower() for secret in _SECRET_KEYS)


def configure_logging(config: Settings) -> None:
    """Send all logs of this process to standard error; can be called again."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(StructuredFormatter(config.log_format, colors=sys.stderr.isatty()))
    root = logging.getLogger()
    root.handlers = [h for h in root.handlers if not isinstance(h.formatter, StructuredFormatter)]
    root.addHandler(handler)
    root.setLevel(config.LOG_LEVEL)
    # They log each URL that they call, with all that it holds.
    for name in ("httpx", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for component in COMPONENTS:
        for name, level in component.log_levels.items():
            logging.getLogger(name).setLevel(level)
    # Your loggers
    if config.log_format == "json":
        from app.core.last_words import log_what_python_says

        log_what_python_says()

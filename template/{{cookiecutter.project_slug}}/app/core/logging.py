"""Structured logs: for people during development, JSON lines in production.

    log = get_logger(__name__)
    log.info("order_paid", order_id=7)

Every line has the id of the request or job that it belongs to; secrets are masked.
"""

import logging
import sys
from typing import TYPE_CHECKING, Any

from app.core.config import Settings
from app.core.context import job_id, request_id
from app.core.redaction import MASK, redact

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
        self._formatter: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        if self._formatter is None:
            self._formatter = self._build()
        return self._formatter.format(record)

    def _build(self) -> logging.Formatter:
        import structlog

        shared: list[Processor] = [
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            add_values,
            mask_secrets,
        ]
        if self._log_format == "json":
            renderer: Processor = structlog.processors.JSONRenderer(default=str)
        else:
            renderer = structlog.dev.ConsoleRenderer(
                colors=self._colors, exception_formatter=structlog.dev.plain_traceback
            )
        return structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )


def add_values(logger: Any, method: str, event: "EventDict") -> "EventDict":
    """Add the values of `log.info(event, **values)` and the id of the request or job."""
    record: logging.LogRecord = event["_record"]
    event.update(getattr(record, "values", {}))
    for name, current in (("request_id", request_id.get()), ("job_id", job_id.get())):
        if current is not None:
            event[name] = current
    return event


def mask_secrets(logger: Any, method: str, event: "EventDict") -> "EventDict":
    """Mask values whose name says that they are secret, and secrets within texts."""
    for key, value in event.items():
        if any(secret in key.lower() for secret in _SECRET_KEYS):
            event[key] = MASK
        elif isinstance(value, str):
            event[key] = redact(value)
    return event


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
    # slot: loggers
    # Your loggers

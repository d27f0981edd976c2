"""What Python itself writes to standard error, in many lines, becomes lines of the log: in production all are JSON."""

import sys
import threading
import warnings
from types import TracebackType
from typing import TextIO

from app.core.logging import get_logger

log = get_logger(__name__)


def log_what_python_says() -> None:
    """Let warnings, and exceptions that nobody catches, be logged from now on."""
    warnings.showwarning = on_warning  # ty: ignore[invalid-assignment]
    threading.excepthook = on_thread_exception
    sys.excepthook = on_exception
    sys.unraisablehook = on_unraisable


def on_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """`warnings.warn` was called, and no filter was against it."""
    place = f"{filename}:{lineno}"
    log.warning("python_warning", category=category.__name__, message=str(message), place=place)


def on_thread_exception(args: threading.ExceptHookArgs) -> None:
    """A thread has ended with an exception; `sys.exit` in one only ends it."""
    if not issubclass(args.exc_type, SystemExit):
        name = args.thread.name if args.thread is not None else ""
        log.error("thread_failed", exc_info=args.exc_value or args.exc_type(), thread=name)


def on_exception(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """The process ends with an exception; Ctrl-C needs no explanation in the log."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
    else:
        log.error("process_failed", exc_info=error)


def on_unraisable(args: "sys.UnraisableHookArgs") -> None:
    """An exception where none can be raised, such as in `__del__`."""
    error = args.exc_value or args.exc_type()
    where = f"{args.err_msg or 'Exception ignored in'}: {args.object!r}"
    log.error("exception_ignored", exc_info=error, where=where)

"""From an exception to words on standard error and an exit status."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from aegis_cli.cli.console import colour
from aegis_cli.errors import AegisError, GitFailed, GitMissing
from aegis_cli.git.process import is_supported, seal_environment

BUG = 70
INTERRUPTED = 130


def guarded(command: Callable[[], object], argv: list[str]) -> int:
    """Run a command and return its exit status.

    0 done, 1 the user can fix it, 2 usage, 3 conflicts wait in the repository, 70 a bug of ours, 130 interrupted.
    """
    try:
        seal_environment()
        result = command()
    except AegisError as error:
        if isinstance(error, GitFailed) and not is_supported():
            error = GitMissing(
                "The git on this machine is too old: 2.38 or newer is needed.", "Update git."
            )
        _tell(error.message, error.hint)
        return error.exit_code
    except (KeyboardInterrupt, EOFError):
        _tell("Interrupted. The next aegis undoes what was left half done.", None)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        _tell(
            f"The system refused: {error.strerror or error}{place}.",
            "Put that right (space, permissions), then run the same command again:"
            " what was left half done is undone first.",
        )
        return 1
    except Exception as error:  # noqa: BLE001  (the outermost place)
        return _other(error, argv)
    return result if isinstance(result, int) else 0


def _other(error: Exception, argv: list[str]) -> int:
    """Tell what the command line's parser has to say; anything else is a bug."""
    show = getattr(error, "show", None)
    if callable(show) and hasattr(error, "exit_code"):
        show()
        return int(error.exit_code)
    if type(error).__name__ == "Abort":
        _tell("Interrupted. Nothing was changed.", None)
        return INTERRUPTED
    _tell(
        f"This is a bug in aegis: {type(error).__name__}: {error}",
        f"Please report it with the log: {_write_log(error, argv)}",
    )
    return BUG


def _tell(message: str, hint: str | None) -> None:
    print(colour("Error: ", "31", sys.stderr) + message, file=sys.stderr)  # noqa: T201
    if hint:
        print(colour("  Next: ", "36", sys.stderr) + hint, file=sys.stderr)  # noqa: T201


def _write_log(error: Exception, argv: list[str]) -> Path:
    from importlib.metadata import version

    text = "\n".join(
        [
            f"aegis {version('aegis-stack')}, Python {platform.python_version()}, {platform.platform()}",
            f"command: aegis {' '.join(argv)}",
            "",
            *traceback.format_exception(error),
        ]
    )
    descriptor, path = tempfile.mkstemp(prefix="aegis-bug-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(path)

"""From an exception to words on standard error and an exit status."""

from __future__ import annotations

import errno
import io
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from aegis_cli.cli.console import colour, laid_out, lost, silence, stop_progress, write
from aegis_cli.errors import (
    AegisError,
    ExitStatus,
    GitFailed,
    GitMissing,
    and_then,
)
from aegis_cli.git.process import is_supported, seal_environment
from aegis_cli.interruption import Interrupted, interruptible
from aegis_cli.scratch import is_of_run, temporary_files
from aegis_cli.text import one_line, quoted, without_credentials

_CHANGING = frozenset(
    {
        "init",
        "adopt",
        "add",
        "add-service",
        "remove",
        "remove-service",
        "update",
        "pick",
        "resolve",
        "restore",
        "offer",
        "answers",
    }
)


def guarded(command: Callable[[], object], argv: list[str]) -> int:
    """Run a command and return its exit status, as `ExitStatus` has them.

    A reader that has gone away (`aegis log | head`) changes none of them.
    """
    lost.clear()
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  (for the whole run)
    try:
        with interruptible(), temporary_files():
            seal_environment()
            for stream in (sys.stdout, sys.stderr):
                if isinstance(stream, io.TextIOWrapper):
                    stream.reconfigure(errors="backslashreplace")
            code = _answered(command, argv)
    except (Interrupted, KeyboardInterrupt) as stop:
        code = _interrupted(stop if isinstance(stop, Interrupted) else Interrupted())
    return _flushed(code, argv)


def _answered(command: Callable[[], object], argv: list[str]) -> int:
    nowhere = not _is_somewhere()
    began = None if nowhere else Path.cwd()
    try:
        result = command()
        _tell_if_gone(began)
    except SystemExit as end:
        # Typer's own answer to a reader that has gone away while it printed a help.
        return 0 if isinstance(end.__context__, BrokenPipeError) else int(end.code or 0)
    except AegisError as error:
        if isinstance(error, GitFailed) and not is_supported():
            error = GitMissing(
                "The git on this machine is too old: 2.38 or newer is needed.", "Update git."
            )
        _tell(_told(error, argv), error.hint or error.otherwise)
        return error.exit_code
    except EOFError:
        return _interrupted(Interrupted())
    except BrokenPipeError:
        silence(sys.stdout)
        return 0
    except OSError as error:
        if isinstance(error, FileNotFoundError) and nowhere:
            _tell(
                "The folder that you are in is not there any more. Nothing was changed.",
                "Go to one that is, then run the same command again: cd PATH",
            )
            return 1
        _tell(*_refused(error))
        return 1
    except Exception as error:  # noqa: BLE001  (the outermost place)
        return _other(error, argv)
    if result == ExitStatus.INTERRUPTED:  # Typer's own answer to a KeyboardInterrupt
        return _interrupted(Interrupted())
    return result if isinstance(result, int) else 0


_SHOWN = 40  # characters of a name that is too long


def _refused(error: OSError) -> tuple[str, str]:
    """Return (what the system refused, what to do about it)."""
    place = (
        one_line(os.fsdecode(error.filename)) if isinstance(error.filename, (str, bytes)) else ""
    )
    if error.errno == errno.ENAMETOOLONG and place:
        longest = max(Path(place).parts, key=len)
        return (
            f"The name '{longest[:_SHOWN]}...' is too long for this disk, or the whole path to it.",
            "Give a shorter one, or do it in a folder further up.",
        )
    where = f" ({place})" if place else ""
    what = "Put that right (space, permissions), then run the same command again"
    return (
        f"The system refused: {error.strerror or error}{where}.",
        f"{what}: what was left half done is undone first.",
    )


def _is_somewhere() -> bool:
    """Return whether the current folder is there: it may have been deleted, or be one that a branch does not have."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _tell_if_gone(place: Path | None) -> None:
    """Say where to go if the folder that the user is in is gone: a merge can take it away, as the template's."""
    if place is not None and not place.exists():
        there = next(each for each in place.parents if each.exists())
        _write(
            f"{colour('Note: ', '33', sys.stderr)}The folder that you were in is gone: cd {quoted(there)}\n"
        )


def _told(error: AegisError, argv: list[str]) -> str:
    """Return what happened, and that nothing was changed where a command that changes something could not begin.

    git can fail anywhere, also once all is done: of that nothing is said but where it is known.
    """
    known = not (error.is_in_midst or isinstance(error, GitFailed))
    if not (known and _CHANGING.intersection(argv[:1])):
        return error.message
    if "Nothing was" in f"{error.message} {error.hint}":
        return error.message
    return and_then(error.message, "Nothing was changed.")


def _interrupted(stop: Interrupted) -> int:
    """Say what state things are in, on a line of its own: the terminal has shown `^C` on the last one."""
    stop_progress()
    if sys.stderr.isatty():
        write(sys.stderr, "\n")
    _tell(f"Interrupted. {stop.message}", stop.hint)
    return ExitStatus.INTERRUPTED


def _flushed(code: int, argv: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            silence(stream)
        except OSError as error:
            silence(stream)
            if stream is sys.stdout:
                lost.append(error)
    if not lost:
        return code
    what = f"The output could not be written: {lost[0].strerror}."
    if _CHANGING.intersection(argv[:1]):
        _tell(f"{what} What was done stands.", "See where the project stands: aegis status")
    else:
        _tell(what, "Put that right (space, permissions), then run the same command again.")
    return code or ExitStatus.FIXABLE


def _other(error: Exception, argv: list[str]) -> int:
    """Tell what the command line's parser has to say; anything else is a bug."""
    show = getattr(error, "show", None)
    if callable(show) and hasattr(error, "exit_code"):
        try:
            show()
        except OSError:
            silence(sys.stderr)
        return int(error.exit_code)
    if type(error).__name__ == "Abort":
        return _interrupted(Interrupted())
    _tell(
        f"This is a bug in aegis: {type(error).__name__}: {error}",
        f"Please report it with the log: {_write_log(error, argv)}",
    )
    return ExitStatus.BUG


def _tell(message: str, hint: str | None) -> None:
    stop_progress()
    _write(f"{colour('Error: ', '31', sys.stderr)}{message}\n")
    if hint:
        _write(f"{colour('  Next: ', '36', sys.stderr)}{hint}\n")


def _write(text: str) -> None:
    write(sys.stderr, laid_out(text, sys.stderr))


def _write_log(error: Exception, argv: list[str]) -> Path:
    import platform
    import traceback
    from importlib.metadata import version

    text = "\n".join(
        [
            f"aegis {version('aegis-stack')}, Python {platform.python_version()}, {platform.platform()}",
            f"command: aegis {without_credentials(' '.join(argv))}",
            "",
            *traceback.format_exception(error),
        ]
    )
    # Not among the run's own temporary files: those go with it.
    place = Path(tempfile.gettempdir())
    place = place.parent if is_of_run(place) else place
    descriptor, path = tempfile.mkstemp(prefix="aegis-bug-", suffix=".log", dir=place)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(without_credentials(text))
    return Path(path)

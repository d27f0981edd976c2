"""Where text goes: results to standard output, progress and problems to standard error.

All of it passes `fit` on its way: much of what is shown comes from projects and templates of somebody else, and nothing
in there may move the cursor, colour a word, turn the direction of a line round, or show a password.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from aegis_cli.cli.layout import columns, wrapped
from aegis_cli.text import one_line, shown, without_credentials

if TYPE_CHECKING:
    from rich.status import Status

T = TypeVar("T")
# Our own colours are marked by what nobody else can know, until they are written.
_MARK = os.urandom(8).hex()
_COLOUR = re.compile(f"\ufdd0{_MARK}:([0-9;]+)\ufdd1")
_DIFF_COLOURS = {"diff --git ": "1", "+++ ": "1", "--- ": "1", "+": "32", "-": "31", "@@ ": "36"}


def fit(text: str) -> str:
    """Return a text as it may be written to a terminal or a file."""
    pieces = _COLOUR.split(text)
    pieces[::2] = [shown(without_credentials(piece)) for piece in pieces[::2]]
    pieces[1::2] = [f"\033[{code}m" for code in pieces[1::2]]
    return "".join(pieces)


def laid_out(text: str, stream: TextIO) -> str:
    """Return a text as it may be written to a stream: on a terminal no word is cut where a line ends."""
    return fit(wrapped(text, columns(), _COLOUR) if stream.isatty() else text)


@dataclass
class Console:
    """How one run talks.

    Attributes:
        quiet: Only results that were asked for, and problems.
        as_json: Results as JSON.
        verbose: Every file and commit by its name.
        asks: Whoever is at the terminal may be asked.
    """

    quiet: bool = False
    as_json: bool = False
    verbose: bool = False
    asks: bool = True
    _status: Status | None = field(default=None, repr=False)

    def step(self, text: str) -> None:
        """Show what is being done, where somebody watches."""
        if self.quiet or not sys.stderr.isatty():
            return
        from rich.console import Console as Rich
        from rich.text import Text

        line = Text(fit(one_line(text)))
        if self._status is None:
            self._status = Rich(stderr=True).status(line)
            self._status.start()
            _shown.append(self._status)
        else:
            self._status.update(line)

    def warn(self, text: str) -> None:
        """Show something that the user should know."""
        self.stop()
        write(sys.stderr, laid_out(f"{colour('Note: ', '33', sys.stderr)}{text}\n", sys.stderr))

    def stop(self) -> None:
        """End the progress line."""
        stop_progress()
        self._status = None

    def say(self, *lines: str) -> None:
        """Print lines of a result. A line break in one of them came with what it tells of, and is written out."""
        self.stop()
        if not self.quiet:
            _write_lines(sys.stdout, lines)

    def problem(self, *lines: str) -> None:
        """Print what went wrong as a part of the result; to standard error where results are not wanted."""
        self.stop()
        _write_lines(sys.stderr if self.quiet else sys.stdout, lines)

    def diff(self, content: bytes) -> None:
        """Print a diff: as it is for a file or another command, fit to be looked at on a terminal."""
        self.stop()
        if not sys.stdout.isatty():
            write(sys.stdout, content)
            return
        for line in content.decode("utf-8", "surrogateescape").split("\n")[:-1]:
            code = next((code for sign, code in _DIFF_COLOURS.items() if line.startswith(sign)), "")
            plain = shown(line.replace("\t", "    "))
            toned = f"\033[{code}m{plain}\033[0m\n" if code and not _is_dull() else f"{plain}\n"
            write(sys.stdout, toned)

    def result(self, value: T, show: Callable[[Console, T], None]) -> None:
        """Print a result as JSON, or in the words of `show`."""
        if self.as_json:
            self.data(value)
        else:
            show(self, value)

    def data(self, value: object) -> None:
        """Print a result as JSON."""
        self.stop()
        # Signs that could be misread on a terminal are escaped, as JSON allows for any.
        text = "".join(
            sign if sign == "\n" or sign.isprintable() else json.dumps(sign)[1:-1]
            for sign in json.dumps(_plain(value), indent=2, ensure_ascii=False)
        )
        write(sys.stdout, f"{text}\n")


_shown: list[Status] = []


def stop_progress() -> None:
    """End the progress line, whoever began it; the cursor comes back."""
    while _shown:
        with suppress(OSError):  # the terminal may be gone
            _shown.pop().stop()


def _write_lines(stream: TextIO, lines: Iterable[str]) -> None:
    for line in lines:
        write(stream, laid_out(line.replace("\n", "\\n"), stream) + "\n")


lost: list[OSError] = []
"""Why results could not be written, if they could not."""


def write(stream: TextIO, text: str | bytes) -> None:
    """Write text, or bytes as they are. A reader that has gone away changes nothing of what is done.

    Nor does a stream that cannot be written (a full disk). Of standard output that is told at the end; of standard
    error nobody is left whom one could tell (a terminal that was closed).
    """
    try:
        if isinstance(text, bytes):
            stream.flush()
            stream.buffer.write(text)
        else:
            stream.write(text)
    except BrokenPipeError:
        silence(stream)
    except OSError as error:
        if stream is not sys.stderr:
            lost.append(error)
        silence(stream)


def silence(stream: TextIO) -> None:
    """Send what is still to be written to a stream nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if isinstance(value, (str, Path)):
        return without_credentials(str(value))
    return value


def colour(text: str, code: str, stream: object = None) -> str:
    """Return text in a colour, where the stream is a terminal and nobody asked for none."""
    stream = stream or sys.stdout
    tty = getattr(stream, "isatty", lambda: False)()
    return text if _is_dull() or not tty else f"{_mark(code)}{text}{_mark('0')}"


def _is_dull() -> bool:
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def _mark(code: str) -> str:
    return f"\ufdd0{_MARK}:{code}\ufdd1"

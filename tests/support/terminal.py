"""A real terminal for a command: its keys, its screen, its width. Waits for text, never for time."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pyte

UP, DOWN, ENTER, ESCAPE, BACKSPACE, CTRL_C = "\x1b[A", "\x1b[B", "\r", "\x1b", "\x7f", "\x03"
_PATIENCE = 300.0  # seconds; it only bounds how long a failure takes
# The session's first terminal is its own only once somebody asks for it. What asks then becomes the command: a fork of
# our own would copy the locks of pytest's threads.
_TAKE_IT = "fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
_TAKE_IT_AND_BECOME = f"import fcntl, os, sys, termios; {_TAKE_IT}"


class Terminal:
    """A command that runs in a terminal of its own.

    Args:
        argv: The command.
        cwd: Where it runs.
        columns: How wide the terminal is.
        rows: How high.
        environment: Variables on top of the process's own.
    """

    def __init__(
        self,
        argv: Sequence[str],
        cwd: Path,
        *,
        columns: int = 80,
        rows: int = 40,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.screen = pyte.HistoryScreen(columns, rows, history=1000)
        self.raw = b""
        self._stream = pyte.ByteStream(self.screen)
        self._deadline = time.monotonic() + _PATIENCE
        self._file, inside = pty.openpty()
        # Before anything runs in it: a size that comes later is one that the command may not have seen.
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        known = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
        # Who asks a terminal for its cursor's place gives it two seconds, and then complains on the screen.
        ours = {"TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_IT_AND_BECOME, *argv], cwd=cwd, stdin=inside, stdout=inside, stderr=inside,
            env={**known, **ours, **(environment or {})}, start_new_session=True,
        )  # fmt: skip
        os.close(inside)

    def wait_for(self, text: str) -> str:
        """Wait until the screen shows a text; return the screen."""
        return self.wait_until(lambda: text in self.text, text)

    def wait_until(self, holds: Callable[[], bool], what: str) -> str:
        """Wait until something holds, and no prompt is half drawn; return the screen."""
        while self._is_drawing or not holds():
            if not self._read():
                raise AssertionError(f"it ended before it showed {what!r}:\n{self.text}")
        return self.text

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        os.write(self._file, "".join(keys).encode())

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command."""
        self._process.send_signal(number)

    def close(self) -> int:
        """Close the terminal's window; return the command's exit status."""
        os.close(self._file)
        return self._process.wait(_PATIENCE)

    def wait(self) -> int:
        """Wait until the command has ended; return its exit status."""
        while self._read():
            pass
        os.close(self._file)
        return self._process.wait()

    @property
    def text(self) -> str:
        """What the screen shows, and what has scrolled out of it."""
        past = [
            "".join(line[x].data for x in range(self.screen.columns))
            for line in self.screen.history.top
        ]
        return "\n".join(line.rstrip() for line in [*past, *self.screen.display]).rstrip()

    @property
    def toned(self) -> str:
        """The same, with colours: `{red}` begins one, `{}` ends it."""
        lines = [
            *self.screen.history.top,
            *(self.screen.buffer[y] for y in range(self.screen.lines)),
        ]
        return "\n".join(map(self._toned, lines)).rstrip()

    def _toned(self, line: Mapping[int, pyte.screens.Char]) -> str:
        shown, tone = "", ""
        width = len("".join(line[x].data for x in range(self.screen.columns)).rstrip())
        for x in range(width):
            now = _tone(line[x])
            if now != tone and line[x].data != " ":
                shown += ("{}" if tone else "") + (f"{{{now}}}" if now else "")
                tone = now
            shown += line[x].data
        return f"{shown}{{}}" if tone else shown

    @property
    def _is_drawing(self) -> bool:
        """Whether prompt_toolkit is at it: it lets no line wrap from the first sign that it draws to the last."""
        return self.raw.rfind(b"\x1b[?7l") > self.raw.rfind(b"\x1b[?7h")

    def _read(self) -> bool:
        """Read what is there, or wait a moment for it; return whether there may be more."""
        if not select.select([self._file], [], [], 0.1)[0]:
            if time.monotonic() < self._deadline:
                return True
            self._process.kill()
            self._process.wait()
            raise AssertionError(
                f"nothing happened within {_PATIENCE:.0f} s; the screen:\n{self.text}"
            )
        data = b""
        with suppress(OSError):  # the end, on Linux
            data = os.read(self._file, 65536)
        self.raw += data
        self._stream.feed(data)
        return bool(data)


def _tone(char: pyte.screens.Char) -> str:
    names = [
        char.fg if char.fg != "default" else "",
        "bold" if char.bold else "",
        "reverse" if char.reverse else "",
    ]
    return " ".join(filter(None, names))

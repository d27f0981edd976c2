"""A real terminal for a command: its keys, its screen, its width. Waits for text, never for time."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pyte

UP, DOWN, ENTER, ESCAPE, BACKSPACE, CTRL_C = "\x1b[A", "\x1b[B", "\r", "\x1b", "\x7f", "\x03"
_PATIENCE = 90.0  # seconds
_WHERE_IS_THE_CURSOR = b"\x1b[6n"


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
        self._pid, self._file = pty.fork()
        if self._pid == 0:
            try:
                os.chdir(cwd)
                known = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
                os.execvpe(  # noqa: S606
                    argv[0], list(argv), {**known, "TERM": "xterm-256color", **(environment or {})}
                )
            finally:
                os._exit(127)
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait_for(self, text: str) -> str:
        """Wait until the screen shows a text; return the screen."""
        return self.wait_until(lambda: text in self.text, text)

    def wait_until(self, holds: Callable[[], bool], what: str) -> str:
        """Wait until something holds; return the screen."""
        while not holds():
            if not self._read():
                raise AssertionError(f"it ended before it showed {what!r}:\n{self.text}")
        return self.text

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        os.write(self._file, "".join(keys).encode())

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command."""
        os.kill(self._pid, number)

    def wait(self) -> int:
        """Wait until the command has ended; return its exit status."""
        while self._read():
            pass
        code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        os.close(self._file)
        return code

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed, as it does for a shell."""
        return bool(termios.tcgetattr(self._file)[3] & termios.ECHO)

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

    def _read(self) -> bool:
        left = self._deadline - time.monotonic()
        if left <= 0 or not select.select([self._file], [], [], left)[0]:
            os.kill(self._pid, signal.SIGKILL)
            raise AssertionError(
                f"nothing happened within {_PATIENCE:.0f} s; the screen:\n{self.text}"
            )
        data = b""
        with suppress(OSError):  # the end, on Linux
            data = os.read(self._file, 65536)
        self.raw += data
        self._stream.feed(data)
        for _ in range(data.count(_WHERE_IS_THE_CURSOR)):
            cursor = self.screen.cursor
            os.write(self._file, f"\x1b[{cursor.y + 1};{cursor.x + 1}R".encode())
        return bool(data)


def _tone(char: pyte.screens.Char) -> str:
    names = [
        char.fg if char.fg != "default" else "",
        "bold" if char.bold else "",
        "reverse" if char.reverse else "",
    ]
    return " ".join(filter(None, names))

"""Where text goes: results to standard output, progress and problems to standard error."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.status import Status


@dataclass
class Console:
    """How one run talks.

    Attributes:
        quiet: Only results that were asked for, and problems.
        as_json: Results as JSON.
    """

    quiet: bool = False
    as_json: bool = False
    _status: Status | None = field(default=None, repr=False)

    def step(self, text: str) -> None:
        """Show what is being done, where somebody watches."""
        if self.quiet or not sys.stderr.isatty():
            return
        from rich.console import Console as Rich

        if self._status is None:
            self._status = Rich(stderr=True).status(text)
            self._status.start()
        else:
            self._status.update(text)

    def warn(self, text: str) -> None:
        """Show something that the user should know."""
        self.stop()
        sys.stderr.write(f"{colour('Note: ', '33', sys.stderr)}{text}\n")

    def stop(self) -> None:
        """End the progress line."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def say(self, text: str) -> None:
        """Print a result."""
        self.stop()
        if not self.quiet:
            sys.stdout.write(f"{text}\n")

    def data(self, value: object) -> None:
        """Print a result as JSON."""
        self.stop()
        text = json.dumps(_plain(value), indent=2, ensure_ascii=False)
        sys.stdout.write(f"{text}\n")


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def colour(text: str, code: str, stream: object = None) -> str:
    """Return text in a colour, where the stream is a terminal and nobody asked for none."""
    stream = stream or sys.stdout
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    tty = getattr(stream, "isatty", lambda: False)()
    return text if plain or not tty else f"\033[{code}m{text}\033[0m"

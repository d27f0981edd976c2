"""What operations say while they work. The command line decides how it looks."""

from __future__ import annotations

from typing import Protocol


class Reporter(Protocol):
    """Receives progress and warnings."""

    def step(self, text: str) -> None:
        """Say what is being done now; it replaces the step before."""

    def warn(self, text: str) -> None:
        """Say something that the user should know, although the work goes on."""

"""What operations say in tests: nothing."""

from __future__ import annotations


class Silent:
    """A reporter that says nothing."""

    def step(self, text: str) -> None:
        """Say nothing."""

    def warn(self, text: str) -> None:
        """Say nothing."""
